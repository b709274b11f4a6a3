import Foundation
import Testing

@testable import TinyGPT

@Suite("What can be read", .timeLimit(.minutes(1)))
struct InputFileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Something that is no regular file, in a folder.
    private func make(_ kind: String) throws -> String {
        let path = folder[kind]
        switch kind {
        case "pipe": #expect(mkfifo(path, 0o600) == 0)
        case "folder": #expect(mkdir(path, 0o700) == 0)
        default: #expect(symlink("/dev/\(kind)", path) == 0)
        }
        return path
    }

    static let kinds = ["pipe", "folder", "zero", "null"]

    @Test(
        "Only a regular file is a checkpoint, a table or a configuration, and nothing is waited for", arguments: kinds)
    func notRegular(kind: String) throws {
        let path = try make(kind)
        let readers: [() throws -> Void] = [
            { _ = try Safetensors.read(from: path) }, { _ = try Checkpoint(path: path, for: .inference) },
            { _ = try MetricsLog.read(path) }, { _ = try MetricsLog(resumingAt: path, after: 1) },
            { _ = try SamplesLog(resumingAt: path, after: 1, sampleLength: 200) },
            { _ = try RunConfiguration(path: path) },
            { _ = try HuggingFaceTokenizer.read(path) },
            { _ = try HuggingFaceConfiguration(path: path) }, { _ = try GGUFImport.read(path) },
        ]
        for read in readers {
            let error = userError(read)
            #expect(error?.kind == .badData)
            #expect(error?.description.hasPrefix("'\(path)' ") == true)
            #expect(error?.description.contains("expected a regular file") == true)
        }
    }

    @Test("A device without an end is no text, by its path and as standard input")
    func endlessText() throws {
        let path = try make("zero")
        #expect(userError { _ = try LoadedText(paths: [path]) }?.description.contains("is a device") == true)
        let descriptor = open("/dev/zero", O_RDONLY)
        defer { close(descriptor) }
        let error = userError { _ = try LoadedText(paths: ["-"], standardInput: descriptor) }
        #expect(error?.kind == .badData)
        #expect(error?.description.hasPrefix("standard input is a device") == true)
        let null = try make("null")
        #expect(userError { _ = try LoadedText(paths: [null]) } == .emptyText(place: "\(null) is empty"))
    }

    @Test("A named pipe is a text")
    func namedPipe() throws {
        let path = try make("pipe")
        Thread.detachNewThread { try? Data("a\u{E9}b".utf8).write(to: URL(fileURLWithPath: path)) }
        let loaded = try LoadedText(paths: [path])
        #expect(loaded.vocabulary.decode(loaded.tokens.array) == "a\u{E9}b")
    }

    @Test("A pipe that does not block is waited for")
    func nonBlockingPipe() throws {
        let pipe = Pipe()
        let descriptor = pipe.fileHandleForReading.fileDescriptor
        #expect(fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) == 0)
        Thread.detachNewThread {
            for text in ["ab", "c"] {
                Thread.sleep(forTimeInterval: 0.1)
                pipe.fileHandleForWriting.write(Data(text.utf8))
            }
            try? pipe.fileHandleForWriting.close()
        }
        let loaded = try LoadedText(paths: ["-"], standardInput: descriptor)
        #expect(loaded.vocabulary.decode(loaded.tokens.array) == "abc")
    }

    @Test("A text longer than a limit is refused, from a pipe without an end too")
    func limited() throws {
        let path = try folder.write("text", "abc")
        #expect(try LoadedText(paths: [path], limit: 3).tokens.count == 3)
        let error = userError { _ = try LoadedText(paths: [path], limit: 2) }
        #expect(error == .badFile(path, problem: "is too long: expected at most 2 bytes"))
        let pipe = Pipe()
        pipe.fileHandleForWriting.write(Data("abc".utf8))
        let descriptor = pipe.fileHandleForReading.fileDescriptor
        #expect(userError { _ = try LoadedText(paths: ["-"], standardInput: descriptor, limit: 2) }?.kind == .badData)
        try pipe.fileHandleForWriting.close()
    }

    @Test("A pipe without an end is left at its first bad byte")
    func endlessPipe() throws {
        let pipe = Pipe()
        pipe.fileHandleForWriting.write(Data([0x61, 0x62, 0x63, 0xC3, 0x28]))
        let descriptor = pipe.fileHandleForReading.fileDescriptor
        let error = userError { _ = try LoadedText(paths: ["-"], standardInput: descriptor) }
        #expect(error == .notUTF8(file: "standard input", byte: 0xC3, offset: 3, line: 1, encoding: nil))
        try pipe.fileHandleForWriting.close()
    }

    @Test("A character that is split between two reads is whole, and the offset of a bad byte counts all of them")
    func splitCharacters() throws {
        let text = String(repeating: "a😀\n", count: 100_000)
        let loaded = try LoadedText(paths: [folder.write("text", text)])
        #expect(loaded.vocabulary.decode(loaded.tokens.array) == text)
        let bad = try folder.write("bad", Array(text.utf8) + [0xE2, 0x82])
        guard case .notUTF8(_, 0xE2, 600_000, 100_001, nil)? = userError({ _ = try LoadedText(paths: [bad]) }) else {
            Issue.record("the bad byte is not at its place")
            return
        }
    }

    @Test("A file far longer than it can be is refused without being read into memory")
    func sparseFiles() throws {
        let path = folder["sparse"]
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        #expect(truncate(path, 1 << 40) == 0)
        let readers: [() throws -> Void] = [
            { _ = try Safetensors.read(from: path) }, { _ = try MetricsLog.read(path) },
            { _ = try SamplesLog(resumingAt: path, after: 1, sampleLength: 200) },
            { _ = try RunConfiguration(path: path) },
            { _ = try HuggingFaceTokenizer.read(path) },
            { _ = try HuggingFaceConfiguration(path: path) }, { _ = try GGUFImport.read(path) },
        ]
        for read in readers { #expect(userError(read)?.kind == .badData) }
    }
}
