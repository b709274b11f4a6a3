import Foundation
import Testing

@testable import TinyGPT

@Suite("Atomic files")
struct AtomicFileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func text(_ name: String) throws -> String {
        try String(contentsOfFile: folder[name], encoding: .utf8)
    }

    @Test("A file is written whole, replaces the one before it and leaves nothing beside it")
    func replaces() throws {
        try AtomicFile.write("first, and longer", to: folder["a"])
        try AtomicFile.write("second", to: folder["a"])
        #expect(try text("a") == "second")
        #expect(try folder.contents() == ["a"])
    }

    @Test("When writing fails part way the old file stays and the temporary one goes")
    func failure() throws {
        try AtomicFile.write("old", to: folder["a"])
        let error = userError {
            try AtomicFile.write(to: folder["a"]) { file in
                try file.append("half of the new")
                throw TinyGPTError.cannotWrite("a", reason: "the disk is full")
            }
        }
        #expect(error == .cannotWrite("a", reason: "the disk is full"))
        #expect(try text("a") == "old")
        #expect(try folder.contents() == ["a"])
    }

    @Test("A file in a folder that is not there cannot be created, and the message says why")
    func missingFolder() {
        let error = userError { try AtomicFile.write("x", to: folder["none/a"]) }
        #expect(error == .cannotCreate(folder["none/a"], reason: "No such file or directory"))
    }

    @Test("A folder appears whole, under a name that begins with a combining mark, too")
    func createsFolder() throws {
        for path in [folder["new//"], folder["\u{301}x"]] {
            try AtomicFile.createFolder(at: path) { try AtomicFile.write("x", to: "\($0)/file") }
            #expect(FileStatus.type(at: path + "/file") == S_IFREG)
        }
        #expect(try folder.contents().count == 2)
        #expect(userError { try AtomicFile.createFolder(at: folder["new"]) { _ in } } == .folderNotEmpty(folder["new"]))
    }

    @Test("An error in a folder that is being filled names the file that would have been, and nothing stays")
    func failingFolder() throws {
        let error = userError {
            try AtomicFile.createFolder(at: folder["new"]) {
                _ = try OutputFile(path: "\($0)/none/file", flags: O_CREAT)
            }
        }
        #expect(error == .cannotCreate(folder["new/none/file"], reason: "No such file or directory"))
        #expect(try folder.contents().isEmpty)
    }

    @Test("A folder is never replaced by a file")
    func folderInTheWay() throws {
        let error = userError { try AtomicFile.write("x", to: folder.path) }
        #expect(error?.kind == .cannotCreate)
        #expect(try folder.contents().isEmpty)
    }

    @Test("A symbolic link stays a link, and what it points to is replaced")
    func symbolicLink() throws {
        try folder.write("real/target", "old")
        try FileManager.default.createSymbolicLink(
            atPath: folder["link"], withDestinationPath: folder["real/target"])
        try AtomicFile.write("new", to: folder["link"])
        #expect(try text("real/target") == "new")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder["link"]) == folder["real/target"])
    }

    #if os(Linux)
        @Test("A full device is an input/output error with the system's reason, and stays a device")
        func fullDevice() {
            let error = userError { try AtomicFile.write("x", to: "/dev/full") }
            #expect(error == .cannotWrite("/dev/full", reason: "No space left on device"))
            #expect(FileStatus.type(at: "/dev/full") == S_IFCHR)
        }
    #endif
}
