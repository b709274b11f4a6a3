import Foundation
import Testing
import TinyGPT

@testable import Console
@testable import TinyGPTCommand

@Suite("Standard streams")
struct StandardStreamsTests {
    @Test("Small texts wait for a flush, and arrive in order")
    func buffering() throws {
        let pipe = Pipe()
        let stream = TextStream(descriptor: pipe.fileHandleForWriting.fileDescriptor, name: "a pipe")
        #expect(!stream.isTerminal)
        try stream.write("one ")
        try stream.write("zwölf")
        #expect(availableBytes(pipe) == 0)
        try stream.flush()
        #expect(availableBytes(pipe) == 10)
        try pipe.fileHandleForWriting.close()
        #expect(pipe.fileHandleForReading.readDataToEndOfFile() == Data("one zwölf".utf8))
    }

    @Test("Without a buffer every text arrives at once")
    func unbuffered() throws {
        let pipe = Pipe()
        let stream = TextStream(
            descriptor: pipe.fileHandleForWriting.fileDescriptor, name: "a pipe", isBuffered: false)
        try stream.write("one")
        #expect(availableBytes(pipe) == 3)
    }

    @Test("A failed write is an input/output error that names the stream", .enabled(if: hasFullDevice))
    func failing() throws {
        let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
        let stream = TextStream(descriptor: full.fileDescriptor, name: "standard output")
        try stream.write("lost")
        #expect(throws: TinyGPTError.cannotWrite("standard output", reason: "No space left on device")) {
            try stream.flush()
        }
        try stream.flush()
    }

    private func availableBytes(_ pipe: Pipe) -> Int {
        var count: Int32 = 0
        _ = ioctl(pipe.fileHandleForReading.fileDescriptor, UInt(FIONREAD), &count)
        return Int(count)
    }
}

/// Linux has a device that is always full.
let hasFullDevice = FileManager.default.fileExists(atPath: "/dev/full")
