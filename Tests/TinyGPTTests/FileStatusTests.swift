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
        ])
    func parents(path: String, parent: String) {
        #expect(FileStatus.parentFolder(of: path) == parent)
    }

    @Test(
        "A path is absolute with its dots resolved, and a tilde is a name like any other",
        arguments: [("/usr/./bin/../lib/", "/usr/lib"), ("/..", "/"), ("/~/x", "/~/x"), ("/", "/")])
    func absolute(path: String, expected: String) {
        #expect(FileStatus.absolute(path) == expected)
        let folder = FileManager.default.currentDirectoryPath
        #expect(FileStatus.absolute("~" + path) == FileStatus.absolute(folder + "/~" + path))
        #expect(FileStatus.absolute("~/x") == folder + "/~/x")
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
