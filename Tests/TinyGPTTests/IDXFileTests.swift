import Foundation
import Testing

@testable import TinyGPT

@Suite("IDX files")
struct IDXFileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Two images of 2 x 3, as the format's description has them.
    private static let images: [UInt8] =
        [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3] + [1, 2, 3, 4, 5, 6] + [7, 8, 9, 10, 11, 255]
    private static let labels: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 2, 5, 9]

    /// What is wrong with a file of these bytes, after its name.
    private func problem(_ bytes: [UInt8], axes: Int = 3) throws -> String? {
        let path = try folder.write("made", bytes)
        let error = userError { _ = try IDXFile(path: path, axes: axes) }
        #expect(error?.kind == .badData)
        let prefix = "'\(path)' is not a usable IDX file: "
        #expect(error?.description.hasPrefix(prefix) == true)
        return error.map { String($0.description.dropFirst(prefix.count)) }
    }

    @Test("Sizes have their highest byte first, and elements follow row after row")
    func reading() throws {
        let images = try IDXFile(path: folder.write("images", Self.images), axes: 3)
        #expect(images.shape == [2, 2, 3])
        #expect(images.bytes == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255])
        let labels = try IDXFile(path: folder.write("labels", Self.labels), axes: 1)
        #expect(labels.shape == [2])
        #expect(labels.bytes == [5, 9])
        let many = try IDXFile(
            path: folder.write("many", [0, 0, 8, 1, 0, 0, 1, 2] + [UInt8](repeating: 7, count: 258)), axes: 1)
        #expect(many.shape == [258])
        let none = try IDXFile(
            path: folder.write("none", [0, 0, 8, 3, 0, 0, 0, 0] + [UInt8](repeating: 0xFF, count: 8)), axes: 3)
        #expect(none.shape == [0, 0xFFFF_FFFF, 0xFFFF_FFFF])
    }

    @Test("A file that ends anywhere before its end is refused", arguments: 0..<28)
    func cutShort(length: Int) throws {
        let problem = try #require(try problem(Array(Self.images.prefix(length))))
        #expect(problem.contains(length < 4 ? "expected it to start with the bytes 0 0 8 3" : "it is cut off"))
    }

    @Test("A file with another beginning, other axes or more at its end is refused, with the difference in the message")
    func refused() throws {
        #expect(try problem([]) == "expected it to start with the bytes 0 0 8 3, got an empty file")
        #expect(try problem(Array("P5 28".utf8)) == "expected it to start with the bytes 0 0 8 3, got 80 53 32 50")
        #expect(
            try problem([0, 0, 0x0D] + Self.images.dropFirst(3))
                == "expected it to start with the bytes 0 0 8 3, got 0 0 13 3")
        #expect(try problem(Self.labels) == "expected 3 axes, as images have, got 1 axis, as labels have")
        #expect(try problem(Self.images, axes: 1) == "expected 1 axis, as labels have, got 3 axes, as images have")
        #expect(try problem([0x1F, 0x8B, 8, 0]) == "it is compressed; decompress it with gunzip first")
        #expect(
            try problem(Self.images + [0])
                == "it does not end where it should: expected 2 x 2 x 3 bytes after the header, got 13")
    }

    @Test("Sizes beyond any memory are refused before anything is allocated")
    func hugeSizes() throws {
        let header: [UInt8] = [0, 0, 8, 3] + [UInt8](repeating: 0xFF, count: 12)
        #expect(
            try problem(header + [1])
                == "it is cut off: expected 4294967295 x 4294967295 x 4294967295 bytes after the header, got 1")
        let sparse = try folder.write("sparse", header)
        #expect(truncate(sparse, 1 << 40) == 0)
        #expect(userError { _ = try IDXFile(path: sparse, axes: 3) }?.kind == .badData)
    }

    @Test("Whatever a byte of the header is changed to, the file is refused", arguments: 0..<16)
    func changedHeader(place: Int) throws {
        for value in UInt8.min...UInt8.max where value != Self.images[place] {
            var bytes = Self.images
            bytes[place] = value
            #expect(try problem(bytes) != nil)
        }
    }
}
