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
}
