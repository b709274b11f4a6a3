import Foundation

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
