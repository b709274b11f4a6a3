import Foundation
import Testing

@testable import TinyGPT

@Suite("Parent folders")
struct FileStatusTests {
    @Test(
        "The parent is what dirname says, for names of one character too",
        arguments: [
            ("s", "."), ("日", "."), ("-", "."), ("", "."), (".", "."), ("file", "."), ("./s", "."), ("a/b", "a"),
            ("a/b/", "a"), ("a//b", "a"), ("/s", "/"), ("/", "/"), ("//", "/"), ("/a/b", "/a"), ("é/日/x", "é/日"),
            ("a/\u{301}b", "a"), ("/\u{200D}", "/"), ("a\u{301}/b", "a\u{301}"),
        ])
    func parents(path: String, parent: String) {
        #expect(FileStatus.parentFolder(of: path) == parent)
    }

    @Test(
        "A path is absolute with its dots resolved, and a tilde is a name like any other",
        arguments: [
            ("/usr/./bin/../lib/", "/usr/lib"), ("/..", "/"), ("/~/x", "/~/x"), ("/", "/"),
            ("/a/./\u{301}b//c", "/a/\u{301}b/c"),
        ])
    func absolute(path: String, expected: String) {
        #expect(FileStatus.absolute(path) == expected)
        let folder = FileManager.default.currentDirectoryPath
        #expect(FileStatus.absolute("~" + path) == FileStatus.absolute(folder + "/~" + path))
        #expect(FileStatus.absolute("~/x") == folder + "/~/x")
    }

    @Test("Slashes before combining marks separate names, too")
    func combining() {
        #expect(FileStatus.name(of: "a/\u{301}b/").unicodeScalars.elementsEqual("\u{301}b".unicodeScalars))
        #expect(FileStatus.path(of: "\u{301}b", in: "a/").utf8.elementsEqual("a/\u{301}b".utf8))
        #expect(FileStatus.path(of: "b", in: "a") == "a/b" && FileStatus.path(of: "b", in: "") == "b")
        for (path, expected) in [("a//", "a"), ("/", "/"), ("//", "/"), ("a/\u{301}", "a/\u{301}"), ("", "")] {
            #expect(FileStatus.withoutTrailingSlashes(path) == expected)
        }
    }

    @Test("The names in a folder, or why they cannot be read")
    func contents() throws {
        let folder = try TemporaryFolder()
        for name in ["a", ".b", "ü"] { try folder.write(name, "") }
        #expect(try FileStatus.contents(of: folder.path).get().sorted() == [".b", "a", "ü"])
        guard case .failure(let error) = FileStatus.contents(of: folder["a"]) else {
            Issue.record("a file has contents")
            return
        }
        #expect(error.reason == "Not a directory")
    }

    @Test("Behind a symbolic link, .. is the parent of the folder it leads to, as it is for the system")
    func parentBehindLink() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("real/deep/file", "x")
        try FileManager.default.createSymbolicLink(
            atPath: folder["link"], withDestinationPath: folder["real/deep"])
        #expect(FileStatus.absolute(folder["link/../deep/file"]) == folder["link/../deep/file"])
        #expect(FileStatus.absolute(folder["real/deep/../deep/file"]) == file)
        let root = FileStatus.resolvingSymbolicLinks(in: folder.path)
        for path in ["link/file", "link/../deep/file", "real/deep/../deep/file"] {
            #expect(FileStatus.resolvingSymbolicLinks(in: folder[path]) == root + "/real/deep/file")
        }
        #expect(FileStatus.resolvingSymbolicLinks(in: folder["link/../new"]) == root + "/real/new")
        try AtomicFile.write("first", to: folder["link/../new"])
        try AtomicFile.write("second", to: folder["link/../new"])
        #expect(try String(contentsOfFile: folder["real/new"], encoding: .utf8) == "second")
        #expect(try folder.contents() == ["link", "real"])
    }
}
