import Foundation
import Testing

@testable import TinyGPT

@Suite("Texts in folders")
struct TextFilesTests {
    private static func folder(_ files: [String]) throws -> String {
        let folder = NSTemporaryDirectory() + UUID().uuidString
        for file in files {
            let path = folder + "/" + file
            try FileManager.default.createDirectory(
                atPath: FileStatus.parentFolder(of: path), withIntermediateDirectories: true)
            try Data("a".utf8).write(to: URL(fileURLWithPath: path))
        }
        return folder
    }

    @Test("A folder is its .txt and .md files and those of its folders, by their paths; hidden ones are not counted")
    func order() throws {
        let folder = try Self.folder(["b.txt", "a/z.MD", "a/c.txt", "c.png", "a/d", ".git/e.txt", ".f.md"])
        defer { try? FileManager.default.removeItem(atPath: folder) }
        // A link to a folder above would never end.
        try FileManager.default.createSymbolicLink(atPath: folder + "/a/up", withDestinationPath: "..")
        let files = try TextFiles(["x.txt", folder, "-"])
        #expect(files.paths == ["x.txt", folder + "/a/c.txt", folder + "/a/z.MD", folder + "/b.txt", "-"])
        #expect(files.ignored == 3)
    }

    @Test("A file that is named again, by its path, its folder or a link, is read once")
    func repeated() throws {
        let folder = try Self.folder(["a.txt", "b/c.md"])
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createSymbolicLink(atPath: folder + "/b/link.txt", withDestinationPath: "../a.txt")
        let files = try TextFiles([folder + "/b/../a.txt", folder, folder + "/b", "-", "-"])
        #expect(files.paths == [folder + "/b/../a.txt", folder + "/b/c.md", "-", "-"])
        #expect(files.repeated == 4 && files.ignored == 0)
    }

    @Test("A folder without a text is refused, with the number of other files")
    func nothing() throws {
        let folder = try Self.folder(["a.png", "b/c.pdf"])
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(userError { _ = try TextFiles([folder]) } == .folderWithoutText(folder, others: 2))
    }
}
