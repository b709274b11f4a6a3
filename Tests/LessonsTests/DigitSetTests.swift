import Foundation
import Testing
import TinyGPT

@testable import Lessons

@Suite("Digits of lessons")
struct DigitSetTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "lessons-tests-\(UUID().uuidString)")

    private static let size = 28 * 28

    /// A file with the header of an IDX array.
    private func write(_ name: String, _ shape: [Int], _ bytes: [UInt8]) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let sizes = shape.flatMap { size -> [UInt8] in [0, 0, UInt8(size >> 8), UInt8(size & 0xFF)] }
        try Data([0, 0, 8, UInt8(shape.count)] + sizes + bytes).write(to: folder.appending(path: name))
    }

    private func set(images: [Int], labels: [UInt8], limit: Int = .max) throws -> DigitSet {
        defer { try? FileManager.default.removeItem(at: folder) }
        let count = images.reduce(1, *)
        try write("images", images, (0..<count).map { UInt8(truncatingIfNeeded: $0 / Self.size * 51) })
        try write("labels", [labels.count], labels)
        return try DigitSet(
            imagesPath: folder.path + "/images", labelsPath: folder.path + "/labels", limit: limit)
    }

    private func problem(images: [Int], labels: [UInt8]) -> String {
        do {
            _ = try set(images: images, labels: labels)
            return "none"
        } catch {
            return "\(error)".replacingOccurrences(of: folder.path + "/", with: "")
        }
    }

    private let labels: [UInt8] = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3]

    @Test("Bytes become numbers from 0 to 1, and labels targets with a 1 in the label's place")
    func reading() throws {
        let set = try set(images: [10, 28, 28], labels: labels)
        #expect(set.count == 10)
        #expect(set.labels == labels.map(Int32.init))
        #expect(
            set.images([5, 0]).values == [Float](repeating: 1, count: Self.size)
                + [Float](repeating: 0, count: Self.size))
        #expect(set.targets([2, 9]).values == [0, 0, 0, 0, 1, 0, 0, 0, 0, 0] + [0, 0, 0, 1, 0, 0, 0, 0, 0, 0])
        #expect(try self.set(images: [10, 28, 28], labels: labels, limit: 3).labels == [3, 1, 4])
    }

    @Test("Pictures stand side by side, row by row")
    func sideBySide() throws {
        let set = try set(images: [10, 28, 28], labels: labels)
        let rows = set.sideBySide([1, 3], side: 28)
        #expect(rows.count == 28)
        for row in rows { #expect(row == [Float](repeating: 0.2, count: 28) + [Float](repeating: 0.6, count: 28)) }
    }

    @Test("A smaller picture has the mean of the pixels in their place")
    func smaller() {
        let set = DigitSet(drawing: 1, seed: 1)
        let (full, half) = (set.sideBySide([0], side: 28), set.sideBySide([0], side: 14))
        #expect(half.count == 14)
        for row in 0..<14 {
            for column in 0..<14 {
                let (y, x) = (2 * row, 2 * column)
                let mean = (full[y][x] + full[y][x + 1] + full[y + 1][x] + full[y + 1][x + 1]) / 4
                #expect(abs(half[row][column] - mean) < 1e-6)
            }
        }
        #expect(set.sideBySide([0]).map(\.count) == [Int](repeating: 16, count: 16))
    }

    @Test("Files that are no digits, or do not belong to each other, are refused")
    func refused() {
        #expect(
            problem(images: [10, 14, 14], labels: labels) == "'images' has pictures of 14 x 14 pixels, expected 28 x 28"
        )
        #expect(
            problem(images: [11, 28, 28], labels: labels)
                == "'labels' has 10 labels, expected one for each of the 11 pictures in 'images'")
        #expect(problem(images: [2, 28, 28], labels: [1, 2]) == "'images' has 2 pictures, expected at least 10")
        #expect(
            problem(images: [10, 28, 28], labels: [1, 2, 10, 4, 5, 6, 7, 8, 9, 0])
                == "'labels' has the label 10 at index 2, expected a digit from 0 to 9")
    }

    @Test("A compressed file is named, with what to do about it")
    func compressed() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try write("train-images-idx3-ubyte.gz", [10, 28, 28], [])
        #expect(
            throws: TinyGPTError.badFile(
                folder.path + "/train-images-idx3-ubyte.gz", problem: "is compressed; decompress it with gunzip first")
        ) { try DigitSet.mnist(in: folder.path) }
        #expect(throws: TinyGPTError.missingFile("/nowhere/train-images-idx3-ubyte")) {
            try DigitSet.mnist(in: "/nowhere")
        }
    }

    @Test("Drawn pictures have paper at the edge and ink inside, and the same seed draws the same")
    func drawing() {
        let set = DigitSet(drawing: 40, seed: 5)
        #expect(set.labels.prefix(12) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1])
        #expect(set.pixels.shape == [40, 784])
        #expect(set.pixels.values.allSatisfy { (0...1).contains($0) })
        for picture in 0..<40 {
            let pixels = set.images([Int32(picture)]).values
            #expect((15...300).contains(pixels.count { $0 > 0.7 }), "picture \(picture)")
        }
        #expect(DigitSet(drawing: 10, seed: 5).pixels.values == Array(set.pixels.values.prefix(10 * 784)))
        #expect(DigitSet(drawing: 10, seed: 6).pixels.values != Array(set.pixels.values.prefix(10 * 784)))
    }

    @Test("The mean of many drawings of 0 is a ring, and of 1 a line through its middle")
    func shapes() {
        let set = DigitSet(drawing: 100, seed: 1)
        func mean(_ digit: Int) -> [Float] {
            let pictures = stride(from: digit, to: 100, by: 10).map { set.images([Int32($0)]).values }
            return (0..<784).map { pixel in pictures.reduce(0) { $0 + $1[pixel] } / 10 }
        }
        let (zero, one) = (mean(0), mean(1))
        let (middle, left) = (14 * 28 + 14, 14 * 28 + 9)
        #expect(one[middle] > zero[middle] + 0.2)
        #expect(zero[left] > one[left] + 0.2)
    }
}
