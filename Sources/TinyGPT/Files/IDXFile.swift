/// Bytes with a shape in the IDX format, in which the MNIST database of handwritten digits is published: images are an array
/// (image, row, column), labels an array (image).
///
/// A file is two bytes 0, a byte 8 (the type: unsigned bytes), a byte with the number of axes, the size along each axis as four
/// bytes, the highest first, and the elements, row after row.
/// See <http://yann.lecun.com/exdb/mnist/>.
public struct IDXFile: Equatable, Sendable {
    /// The sizes along the axes, outermost first.
    public let shape: [Int]
    /// The elements, row after row.
    public let bytes: [UInt8]

    /// The most bytes of a file; the largest of MNIST's has 47 million.
    private static let limit = 1 << 28

    /// Reads a file, trusting nothing in it.
    ///
    /// - Parameters:
    ///   - path: The file, not compressed.
    ///   - axes: The axes that the array must have: 3 for images, 1 for labels.
    /// - Throws: ``TinyGPTError/missingFile(_:)``, ``TinyGPTError/cannotRead(_:reason:)``,
    ///   ``TinyGPTError/notEnoughMemory(for:needed:available:)``, or ``TinyGPTError/badFile(_:problem:)`` when it is not a
    ///   complete IDX file of bytes with this number of axes.
    public init(path: String, axes: Int) throws {
        let file = try InputFile(path: path)
        let size = file.size ?? 0
        guard size <= Self.limit else {
            throw Self.badFile(path, "expected at most \(Self.limit) bytes, got \(size)")
        }
        try SystemMemory.require(size, for: "reading \(path.quoted)")
        let contents = try file.readToEnd(limit: Self.limit)
        shape = try Self.shape(contents, axes: axes, path)
        let header = 4 + 4 * axes
        let expected = shape.reduce(1) { $0.multipliedOrMax(by: $1) }
        let got = contents.count - header
        guard got == expected else {
            let sizes = shape.map(String.init).joined(separator: " x ")
            let problem = got < expected ? "it is cut off" : "it does not end where it should"
            throw Self.badFile(path, "\(problem): expected \(sizes) bytes after the header, got \(got)")
        }
        bytes = Array(contents[header...])
    }

    private static func shape(_ contents: [UInt8], axes: Int, _ path: String) throws -> [Int] {
        if contents.starts(with: [0x1F, 0x8B]) {
            throw badFile(path, "it is compressed; decompress it with gunzip first")
        }
        guard contents.count > 3, contents.starts(with: [0, 0, 8]) else {
            let start = contents.isEmpty ? "an empty file" : contents.prefix(4).map(String.init).joined(separator: " ")
            throw badFile(path, "expected it to start with the bytes 0 0 8 \(axes), got \(start)")
        }
        guard Int(contents[3]) == axes else {
            throw badFile(path, "expected \(name(axes)), got \(name(Int(contents[3])))")
        }
        guard contents.count >= 4 + 4 * axes else {
            throw badFile(path, "it is cut off: expected a header of \(4 + 4 * axes) bytes, got \(contents.count)")
        }
        return (1...axes).map { axis in contents[4 * axis..<4 * axis + 4].reduce(0) { $0 << 8 | Int($1) } }
    }

    private static func name(_ axes: Int) -> String {
        switch axes {
        case 1: "1 axis, as labels have"
        case 3: "3 axes, as images have"
        default: "\(axes) axes"
        }
    }

    private static func badFile(_ name: String, _ problem: String) -> TinyGPTError {
        .badFile(name, problem: "is not a usable IDX file: \(problem)")
    }
}
