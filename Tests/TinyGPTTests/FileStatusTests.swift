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
        arguments: [("/a/./b/../c/", "/a/c"), ("/..", "/"), ("/~/x", "/~/x"), ("/", "/")])
    func absolute(path: String, expected: String) {
        #expect(FileStatus.absolute(path) == expected)
        let folder = FileManager.default.currentDirectoryPath
        #expect(FileStatus.absolute("~" + path) == FileStatus.absolute(folder + "/~" + path))
        #expect(FileStatus.absolute("~/x") == folder + "/~/x")
    }
}
