import Foundation

extension Safetensors {
    /// Reads a file of 32-bit floats, trusting nothing in it.
    ///
    /// The values go from the file straight to where they stay.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - isWanted: Whether to read the tensor of a name; the others are checked and skipped.
    /// - Returns: Metadata and tensors.
    /// - Throws: ``TinyGPTError/missingFile(_:)``, ``TinyGPTError/cannotRead(_:reason:)``, or
    ///   ``TinyGPTError/badFile(_:problem:)`` when it is not a complete safetensors file of 32-bit floats.
    public static func read(
        from path: String, where isWanted: (_ name: String) -> Bool = { _ in true }
    ) throws -> Safetensors {
        let file = try InputFile(path: path)
        guard let size = file.size else {
            throw TinyGPTError.badFile(
                path, problem: "is not a regular file, so it cannot hold a safetensors checkpoint")
        }
        let bytes = try headerBytes(of: file, size: size)
        let header = try SafetensorsHeader(parsing: bytes, name: path)
        var contents = Safetensors(metadata: header.metadata)
        for place in try header.layout(valueBytes: size - 8 - bytes.count, file: path) {
            guard isWanted(place.name) else {
                try file.skip(place.count * MemoryLayout<Float>.size)
                continue
            }
            let values = try values(place.count, from: file)
            contents.tensors[place.name] = StoredTensor(shape: place.shape, values: values)
        }
        return contents
    }

    private static func headerBytes(of file: borrowing InputFile, size: Int) throws -> [UInt8] {
        var length: UInt64 = 0
        let got = try withUnsafeMutableBytes(of: &length) { try file.fill($0) }
        if got < 8 {
            throw badFile(file.name, "expected at least the 8 bytes of the header length, got \(got)")
        }
        length = UInt64(littleEndian: length)
        if length > UInt64(headerLimit) {
            throw badFile(file.name, "expected a header of at most \(headerLimit) bytes, got a length of \(length)")
        }
        if length > UInt64(max(0, size - 8)) {
            throw badFile(file.name, "it is cut off: expected a header of \(length) bytes, got \(max(0, size - 8))")
        }
        let count = Int(length)
        let bytes = try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            let wanted = UnsafeMutableBufferPointer(rebasing: buffer[..<count])
            filled = try file.fill(UnsafeMutableRawBufferPointer(wanted))
        }
        if bytes.count < count {
            throw badFile(file.name, "it became shorter while it was read")
        }
        return bytes
    }

    private static func values(_ count: Int, from file: borrowing InputFile) throws -> [Float] {
        try [Float](unsafeUninitializedCapacity: count) { buffer, filled in
            let bytes = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
            if try file.fill(bytes) < bytes.count {
                throw badFile(file.name, "it became shorter while it was read")
            }
            filled = count
        }
    }

    static func badFile(_ name: String, _ problem: String) -> TinyGPTError {
        .badFile(name, problem: "is not a usable safetensors file: \(problem)")
    }
}

/// The header of a safetensors file as it stands there: parsed, but its claims about the values not yet believed.
struct SafetensorsHeader {
    /// What the header says of one tensor.
    struct Entry {
        let dtype: String
        let shape: [Int]
        let offsets: [Int]
    }

    private(set) var metadata: [String: String] = [:]
    private(set) var entries: [String: Entry] = [:]
    private var hasMetadata = false

    /// Parses the JSON text of a header.
    ///
    /// - Throws: `.badData` when it is not the UTF-8 of a JSON object of the right form, or when a name occurs twice.
    init(parsing bytes: [UInt8], name: String) throws {
        // Without this the decoder would guess the encoding and take UTF-16 for an answer.
        let isText = !bytes.contains(0) && String(validating: bytes, as: UTF8.self) != nil
        guard isText, bytes.first == UInt8(ascii: "{") else {
            throw Safetensors.badFile(name, "expected a header of UTF-8 JSON that begins with '{'")
        }
        do {
            self = try JSONDecoder().decode(SafetensorsHeader.self, from: Data(bytes))
        } catch let error as DecodingError {
            throw Safetensors.badFile(name, "its header is not what it should be: \(Self.summary(of: error))")
        }
        // Decoding keeps one of two equal names, so the pairs in the text are counted and compared with those decoded.
        let pairs = entries.count * (1 + Entry.Key.allCases.count) + metadata.count + (hasMetadata ? 1 : 0)
        let written = Self.countPairs(in: bytes)
        if written != pairs {
            throw Safetensors.badFile(
                name, "a name occurs twice in its header: expected \(pairs) different names, got \(written) in all")
        }
    }

    /// How many names stand before a colon, in JSON that is known to be well-formed.
    private static func countPairs(in json: [UInt8]) -> Int {
        var count = 0
        var isInString = false
        var isEscaped = false
        for byte in json {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isInString.toggle()
            } else if byte == UInt8(ascii: ":"), !isInString {
                count += 1
            }
        }
        return count
    }

    private static func summary(of error: DecodingError) -> String {
        switch error {
        case .dataCorrupted(let context), .typeMismatch(_, let context), .valueNotFound(_, let context),
            .keyNotFound(_, let context):
            let place = context.codingPath.map(\.stringValue).joined(separator: " > ")
            return place.isEmpty ? context.debugDescription : "\(context.debugDescription) (in \(place))"
        @unknown default:
            return "\(error)"
        }
    }
}

extension SafetensorsHeader: Decodable {
    /// Any name: those of the tensors are not known beforehand.
    fileprivate struct Name: CodingKey {
        let stringValue: String
        let intValue: Int? = nil
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Name.self)
        for key in container.allKeys {
            if key.stringValue == Safetensors.metadataKey {
                metadata = try container.decode([String: String].self, forKey: key)
                hasMetadata = true
            } else {
                entries[key.stringValue] = try container.decode(Entry.self, forKey: key)
            }
        }
    }
}

extension SafetensorsHeader.Entry: Decodable {
    enum Key: String, CodingKey, CaseIterable {
        case dtype
        case shape
        case offsets = "data_offsets"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let fieldCount = try decoder.container(keyedBy: SafetensorsHeader.Name.self).allKeys.count
        guard fieldCount == Key.allCases.count else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "expected dtype, shape and data_offsets, got \(fieldCount) fields"))
        }
        dtype = try container.decode(String.self, forKey: .dtype)
        shape = try container.decode([Int].self, forKey: .shape)
        offsets = try container.decode([Int].self, forKey: .offsets)
        guard offsets.count == 2 else {
            throw DecodingError.dataCorruptedError(
                forKey: .offsets, in: container, debugDescription: "expected two offsets, got \(offsets.count)")
        }
    }
}

/// The places of the tensors, once the header's claims about them have been checked.
extension SafetensorsHeader {
    /// One tensor's place among the values.
    struct Place {
        let name: String
        let shape: [Int]
        /// How many values there are.
        let count: Int
    }

    /// Checks what the header says about the values against how many bytes of them there are.
    ///
    /// - Returns: The tensors in the order in which they are stored.
    /// - Throws: `.badData` when the values are not 32-bit floats, one tensor after the other without a gap, from the end
    ///   of the header to the end of the file.
    func layout(valueBytes: Int, file: String) throws -> [Place] {
        var position = 0
        var places: [Place] = []
        for (name, entry) in entriesByOffset {
            let count = try checkedCount(of: entry, name: name, file: file)
            let (begin, end) = (entry.offsets[0], entry.offsets[1])
            if begin != position {
                let problem = begin < position ? "overlaps what comes before it" : "leaves a gap before it"
                throw Safetensors.badFile(file, "'\(name)' \(problem): expected it at \(position), got \(begin)")
            }
            let size = count * MemoryLayout<Float>.size
            let (expectedEnd, overflows) = begin.addingReportingOverflow(size)
            if overflows || end != expectedEnd {
                throw Safetensors.badFile(
                    file, "'\(name)' of shape \(entry.shape): expected \(size) bytes, got offsets \(begin) to \(end)")
            }
            position = end
            places.append(Place(name: name, shape: entry.shape, count: count))
        }
        if position != valueBytes {
            let problem = position > valueBytes ? "it is cut off" : "something follows the last tensor"
            throw Safetensors.badFile(file, "\(problem): expected \(position) bytes of values, got \(valueBytes)")
        }
        return places
    }

    /// The entries as they are stored. Empty tensors begin where others do; for them the end and the name decide.
    private var entriesByOffset: [(key: String, value: Entry)] {
        entries.sorted { first, second in
            let (a, b) = (first.value.offsets, second.value.offsets)
            return (a[0], a[1], first.key) < (b[0], b[1], second.key)
        }
    }

    /// How many values a tensor has, none of which need be there.
    private func checkedCount(of entry: Entry, name: String, file: String) throws -> Int {
        if entry.dtype != "F32" {
            throw Safetensors.badFile(file, "expected '\(name)' to be F32 (32-bit floats), got \(entry.dtype)")
        }
        var count = 1
        for length in entry.shape {
            let (product, overflows) = count.multipliedReportingOverflow(by: length)
            if length < 0 || overflows || product > Int.max / MemoryLayout<Float>.size {
                throw Safetensors.badFile(file, "'\(name)' has the impossible shape \(entry.shape)")
            }
            count = product
        }
        return count
    }
}
