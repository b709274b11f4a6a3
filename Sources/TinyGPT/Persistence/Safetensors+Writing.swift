extension Safetensors {
    /// Writes the file, whole or not at all; what was at the path is replaced.
    ///
    /// The values go from memory to the file without a copy.
    ///
    /// - Throws: `.cannotCreate` when the file cannot be created, `.inputOutput` when writing fails.
    /// - Precondition: No tensor is named `__metadata__`.
    public func write(to path: String) throws {
        let header = header
        try AtomicFile.write(to: path) { file in
            var length = UInt64(header.utf8.count).littleEndian
            try withUnsafeBytes(of: &length) { try file.append($0) }
            try file.append(header)
            for name in sortedNames {
                try tensors[name]!.values.withUnsafeBytes { try file.append($0) }
            }
        }
    }

    /// The tensors in the order in which they are stored.
    private var sortedNames: [String] {
        tensors.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The JSON text that says what is where, padded so that the values begin at a multiple of 8 bytes.
    private var header: String {
        precondition(tensors[Self.metadataKey] == nil, "a tensor cannot have the name '\(Self.metadataKey)'")
        var entries: [String] = []
        if !metadata.isEmpty {
            let pairs = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
                .map { "\(Self.quoted($0.key)):\(Self.quoted($0.value))" }
            entries.append("\"\(Self.metadataKey)\":{\(pairs.joined(separator: ","))}")
        }
        var begin = 0
        for name in sortedNames {
            let tensor = tensors[name]!
            let expected = tensor.shape.reduce(1, *)
            precondition(
                tensor.values.count == expected,
                "'\(name)': shape \(tensor.shape) holds \(expected) values, got \(tensor.values.count)")
            let end = begin + tensor.values.count * MemoryLayout<Float>.size
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            entries.append(
                "\(Self.quoted(name)):{\"dtype\":\"F32\",\"shape\":[\(shape)],\"data_offsets\":[\(begin),\(end)]}")
            begin = end
        }
        let json = "{" + entries.joined(separator: ",") + "}"
        let length = json.utf8.count
        precondition(length <= Self.headerLimit - 7, "the header has \(length) bytes, more than \(Self.headerLimit)")
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
