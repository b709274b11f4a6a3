import Console
import Foundation
import TinyGPT

/// Pictures of digits and which digits they are.
struct DigitSet {
    /// The pixels, row after row, from 0 (paper) to 1 (ink). Shape: (N, 784)
    let pixels: Tensor
    /// Which digit each picture shows, from 0 to 9.
    let labels: [Int32]

    /// The number N of pictures.
    var count: Int { labels.count }

    /// Draws pictures, of each digit as many.
    init(drawing count: Int, seed: UInt64) {
        var random = RandomStream(seed: seed, purpose: .data)
        labels = (0..<count).map { Int32($0 % 10) }
        pixels = Tensor(
            labels.flatMap { DrawnDigit.draw(Int($0), &random) }, shape: [count, DrawnDigit.side * DrawnDigit.side])
    }

    /// Reads two files of the MNIST database, or two like them.
    ///
    /// - Parameters:
    ///   - imagesPath: The file of the pictures.
    ///   - labelsPath: The file of the labels.
    ///   - limit: How many pictures to take, from the beginning.
    /// - Throws: What ``IDXFile`` throws, or ``TinyGPTError/badFile(_:problem:)`` for files that are no digits, or do not belong
    ///   to each other.
    init(imagesPath: String, labelsPath: String, limit: Int = .max) throws {
        let pictures = try IDXFile(path: imagesPath, axes: 3)
        let digits = try IDXFile(path: labelsPath, axes: 1)
        let side = DrawnDigit.side
        guard Array(pictures.shape[1...]) == [side, side] else {
            throw TinyGPTError.badFile(
                imagesPath,
                problem:
                    "has pictures of \(pictures.shape[1]) x \(pictures.shape[2]) pixels, expected \(side) x \(side)")
        }
        guard pictures.shape[0] >= 10 else {
            throw TinyGPTError.badFile(imagesPath, problem: "has \(pictures.shape[0]) pictures, expected at least 10")
        }
        guard digits.shape == [pictures.shape[0]] else {
            throw TinyGPTError.badFile(
                labelsPath,
                problem: "has \(digits.shape[0]) labels, expected one for each of the \(pictures.shape[0]) pictures in "
                    + imagesPath.quoted)
        }
        if let index = digits.bytes.firstIndex(where: { $0 > 9 }) {
            throw TinyGPTError.badFile(
                labelsPath,
                problem: "has the label \(digits.bytes[index]) at index \(index), expected a digit from 0 to 9")
        }
        let count = min(limit, digits.shape[0])
        try SystemMemory.require(
            2 * count * side * side * MemoryLayout<Float>.size, for: "the pictures in \(imagesPath.quoted)")
        labels = digits.bytes.prefix(count).map { Int32($0) }
        pixels = Tensor(
            pictures.bytes.prefix(count * side * side).map { Float($0) / 255 }, shape: [count, side * side])
    }

    /// Reads the four files of the MNIST database from a folder: to learn from, and to be tested with.
    ///
    /// - Throws: What ``init(imagesPath:labelsPath:limit:)`` throws.
    static func mnist(in folder: String) throws -> (training: DigitSet, test: DigitSet) {
        func path(_ name: String) throws -> String {
            let path = folder + "/" + name
            if FileStatus.type(at: path) == nil, FileStatus.type(at: path + ".gz") != nil {
                throw TinyGPTError.badFile(path + ".gz", problem: "is compressed; decompress it with gunzip first")
            }
            return path
        }
        func set(_ name: String, limit: Int = .max) throws -> DigitSet {
            try DigitSet(
                imagesPath: path("\(name)-images-idx3-ubyte"), labelsPath: path("\(name)-labels-idx1-ubyte"),
                limit: limit)
        }
        // The book learns from the first 50,000 of the 60,000 pictures and keeps the rest for other experiments.
        return (try set("train", limit: 50_000), try set("t10k"))
    }

    /// Some of the pictures.
    ///
    /// Shape: (indices, 784)
    func images(_ indices: some Sequence<Int32>) -> Tensor {
        let indices = Array(indices)
        return pixels.rows(indices, shape: [indices.count])
    }

    /// What a network should answer for some of the pictures: 1 for the right digit, 0 for the nine others.
    ///
    /// Shape: (indices, 10)
    func targets(_ indices: some Sequence<Int32>) -> Tensor {
        let digits = indices.map { labels[Int($0)] }
        return Tensor(digits.flatMap { digit in (0..<10).map { $0 == digit ? 1 : 0 } }, shape: [digits.count, 10])
    }

    /// Pictures side by side, as rows of pixels; five made smaller to 16 x 16 fit in a terminal of 80 columns.
    func sideBySide(_ indices: some Sequence<Int>, side: Int = 16) -> [[Float]] {
        let pictures = indices.map { Self.smaller(images([Int32($0)]).values, side: side) }
        return (0..<side).map { row in pictures.flatMap { $0[row] } }
    }

    /// A picture in fewer pixels: each is the mean of those that it stands for.
    private static func smaller(_ picture: [Float], side: Int) -> [[Float]] {
        let full = DrawnDigit.side
        func part(_ index: Int) -> Range<Int> { index * full / side..<(index + 1) * full / side }
        return (0..<side).map { row in
            (0..<side).map { column in
                let pixels = part(row).flatMap { y in part(column).map { picture[y * full + $0] } }
                return pixels.reduce(0, +) / Float(pixels.count)
            }
        }
    }
}
