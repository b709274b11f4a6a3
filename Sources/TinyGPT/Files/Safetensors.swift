/// A file of named arrays of 32-bit floats and of named strings, in the safetensors format.
///
/// The file is a header length (unsigned 64-bit, little-endian), that many bytes of JSON, and the values of all arrays one
/// after the other. The same contents always make the same bytes. See the format's description at
/// <https://github.com/huggingface/safetensors#format>.
public struct Safetensors: Equatable, Sendable {
    /// An array of floats, the last axis varying fastest.
    public struct StoredTensor: Equatable, Sendable {
        /// The length of each axis; none for a single number.
        public var shape: [Int]
        /// The values in row-major order.
        public var values: [Float]

        /// An array of a shape.
        ///
        /// - Precondition: `values.count` is the product of the sizes.
        public init(shape: [Int], values: [Float]) {
            let expected = shape.reduce(1, *)
            precondition(values.count == expected, "shape \(shape) holds \(expected) values, got \(values.count)")
            self.shape = shape
            self.values = values
        }
    }

    /// The key in the header under which the format keeps the strings; no tensor can have this name.
    static let metadataKey = "__metadata__"
    /// The longest header in bytes. The largest of this program has a vocabulary of every character, 4.4 MB, and the format
    /// allows 100 MB, which takes seconds to parse.
    static let headerLimit = 1 << 24

    /// Strings by name: configuration and the like.
    public var metadata: [String: String]
    /// Arrays by name.
    public var tensors: [String: StoredTensor]

    /// The contents of a file that ``write(to:)`` writes or ``read(from:where:)`` has read.
    ///
    /// - Parameters:
    ///   - metadata: Strings by name; any text, including what JSON has to escape.
    ///   - tensors: Arrays by name; none may be named `__metadata__`.
    public init(metadata: [String: String] = [:], tensors: [String: StoredTensor] = [:]) {
        self.metadata = metadata
        self.tensors = tensors
    }
}

extension Safetensors {
    /// A tensor to write whose values are made when their turn comes, so that those of one tensor are in memory at a time.
    struct DeferredTensor {
        let shape: [Int]
        /// The values in row-major order.
        let values: () -> [Float]
    }

    /// Writes the file, whole or not at all; what was at the path is replaced.
    ///
    /// The values go from memory to the file without a copy.
    ///
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)`` or ``TinyGPTError/cannotWrite(_:reason:)``.
    /// - Precondition: No tensor is named `__metadata__`.
    public func write(to path: String) throws {
        let deferred = tensors.map { name, tensor in (name, DeferredTensor(shape: tensor.shape) { tensor.values }) }
        try Self.write(deferred, metadata: metadata, to: path)
    }

    /// Writes a file of tensors whose values are made one tensor at a time.
    ///
    /// - Throws: As ``write(to:)``.
    /// - Precondition: No tensor is named `__metadata__` or as another, and each has as many values as its shape holds.
    static func write(
        _ tensors: [(name: String, tensor: DeferredTensor)], metadata: [String: String], to path: String
    ) throws {
        let sorted = tensors.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        precondition(Set(sorted.map(\.name)).count == sorted.count, "two tensors have the same name")
        let header = header(sorted.map { ($0.name, $0.tensor.shape) }, metadata)
        try AtomicFile.write(to: path) { file in
            var length = UInt64(header.utf8.count).littleEndian
            try withUnsafeBytes(of: &length) { try file.append($0) }
            try file.append(header)
            for (name, tensor) in sorted {
                let (values, expected) = (tensor.values(), tensor.shape.reduce(1, *))
                precondition(
                    values.count == expected,
                    "'\(name)': shape \(tensor.shape) holds \(expected) values, got \(values.count)")
                try values.withUnsafeBytes { try file.append($0) }
            }
        }
    }

    /// The JSON text that describes name, shape and place of every tensor, padded so that the values begin at a multiple of 8 bytes.
    ///
    /// - Parameters:
    ///   - tensors: Names and shapes in the order in which the values are stored.
    ///   - metadata: Strings by name.
    /// - Returns: The text.
    private static func header(_ tensors: [(name: String, shape: [Int])], _ metadata: [String: String]) -> String {
        var entries: [String] = []
        if !metadata.isEmpty {
            let pairs = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
                .map { "\(quoted($0.key)):\(quoted($0.value))" }
            entries.append("\"\(metadataKey)\":{\(pairs.joined(separator: ","))}")
        }
        var begin = 0
        for (name, shape) in tensors {
            precondition(name != metadataKey, "a tensor cannot have the name '\(metadataKey)'")
            let end = begin + shape.reduce(1, *) * MemoryLayout<Float>.size
            let shape = shape.map(String.init).joined(separator: ",")
            entries.append(
                "\(quoted(name)):{\"dtype\":\"F32\",\"shape\":[\(shape)],\"data_offsets\":[\(begin),\(end)]}")
            begin = end
        }
        let json = "{" + entries.joined(separator: ",") + "}"
        let length = json.utf8.count
        precondition(length <= headerLimit - 7, "the header has \(length) bytes, more than \(headerLimit)")
        return json + String(repeating: " ", count: (8 - length % 8) % 8)
    }

    /// A JSON string literal (RFC 8259, section 7), everything but what must be escaped as it is.
    private static func quoted(_ text: String) -> String {
        var literal = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": literal += "\\\""
            case "\\": literal += "\\\\"
            case "\n": literal += "\\n"
            case "\r": literal += "\\r"
            case "\t": literal += "\\t"
            case "\u{8}": literal += "\\b"
            case "\u{C}": literal += "\\f"
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                literal += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: literal.unicodeScalars.append(scalar)
            }
        }
        return literal + "\""
    }
}
