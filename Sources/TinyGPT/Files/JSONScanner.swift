import Foundation

/// A pull parser for JSON (RFC 8259) in files of unknown origin: UTF-8, no name twice in an object, numbers that fit, a bounded
/// depth and number of names.
///
/// Foundation's decoders keep one of two equal names and guess the encoding.
struct JSONScanner {
    /// The first thing that is wrong.
    enum Mistake: Error, Equatable {
        /// Something else than what must stand at a byte.
        case unexpected(_ got: String, byte: Int, expected: String)
        /// A name that occurs twice in an object.
        case duplicate(String)
    }

    /// The most objects and arrays inside each other; files of this program have 4.
    static let deepest = 64

    let bytes: [UInt8]
    /// The index of the next byte.
    var position = 0
    private var depth = 0
    private let mostNames: Int

    /// A scanner at the beginning of a text.
    ///
    /// - Parameters:
    ///   - bytes: The text.
    ///   - mostNames: The most names that an object may have.
    /// - Throws: ``Mistake`` if the text is not UTF-8.
    init(_ bytes: [UInt8], mostNames: Int = 100_000) throws {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw Mistake.unexpected("another encoding", byte: 0, expected: "UTF-8")
        }
        (self.bytes, self.mostNames) = (bytes, mostNames)
    }

    /// Reads an object.
    ///
    /// - Parameter member: Called with each name; it must read the value.
    /// - Throws: ``Mistake``, or what `member` throws.
    mutating func object(_ member: (inout JSONScanner, _ name: String) throws -> Void) throws {
        // By bytes: canonically equivalent names, such as K and the Kelvin sign, are two.
        var names: Set<[UInt8]> = []
        try collection(from: "{", to: "}", "an object") { scanner in
            let start = scanner.position
            let name = try scanner.string()
            guard names.insert(Array(name.utf8)).inserted else { throw Mistake.duplicate(name.excerpt) }
            guard names.count <= scanner.mostNames else {
                throw Mistake.unexpected(
                    "more", byte: start, expected: "an object of at most \(scanner.mostNames) names")
            }
            guard scanner.next(is: ":") else { throw scanner.unexpected("':'") }
            try member(&scanner, name)
        }
    }

    /// Reads an array.
    ///
    /// - Parameter element: Called before each element; it must read it.
    /// - Throws: ``Mistake``, or what `element` throws.
    mutating func array(_ element: (inout JSONScanner) throws -> Void) throws {
        try collection(from: "[", to: "]", "an array", element)
    }

    private mutating func collection(
        from first: Unicode.Scalar, to last: Unicode.Scalar, _ name: String, _ part: (inout JSONScanner) throws -> Void
    ) throws {
        guard next(is: first) else { throw unexpected(name) }
        depth += 1
        guard depth <= Self.deepest else {
            throw unexpected("at most \(Self.deepest) objects and arrays inside each other")
        }
        if !next(is: last) {
            repeat { try part(&self) } while next(is: ",")
            guard next(is: last) else { throw unexpected("',' or '\(last)'") }
        }
        depth -= 1
    }

    /// Reads a value and discards it.
    mutating func skip() throws { _ = try scalar() }

    /// Nothing but spaces may follow.
    mutating func end() throws {
        skipSpaces()
        guard position == bytes.count else { throw unexpected("the end") }
    }

    // MARK: Bytes

    var byte: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skipSpaces() {
        while let byte, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    /// Moves past a character if it comes next, after spaces.
    mutating func next(is character: Unicode.Scalar) -> Bool {
        skipSpaces()
        guard byte == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    func unexpected(_ expected: String) -> Mistake {
        let rest = String(decoding: bytes[position...].prefix(4), as: UTF8.self).unicodeScalars.first
        return .unexpected(rest.map { "'\(String($0).excerpt)'" } ?? "the end", byte: position, expected: expected)
    }
}

extension JSONScanner.Mistake: CustomStringConvertible {
    /// In words, for the middle of a sentence.
    var description: String {
        switch self {
        case .unexpected(let got, let byte, let expected): "at byte \(byte): expected \(expected), got \(got)"
        case .duplicate(let name): "the name '\(name)' occurs twice"
        }
    }
}

extension JSONScanner {
    /// Checks a text as a whole, then decodes a value from it.
    ///
    /// - Throws: ``Mistake``, or what the decoder throws for a value of another form.
    static func decode<Value: Decodable>(_ type: Value.Type, from bytes: some Collection<UInt8>) throws -> Value {
        var scanner = try JSONScanner(Array(bytes))
        try scanner.skip()
        try scanner.end()
        return try JSONDecoder().decode(type, from: Data(bytes))
    }

    /// An error of ``decode(_:from:)`` in words: what is wrong and where.
    static func problem(_ error: any Error) -> String {
        switch error {
        case let mistake as Mistake: return mistake.description
        case DecodingError.keyNotFound(let key, let context):
            return "'\(key.stringValue.excerpt)' is missing" + place(context)
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
            DecodingError.dataCorrupted(let context):
            return "a value of another type" + place(context)
        default: return "it cannot be read"
        }
    }

    private static func place(_ context: DecodingError.Context) -> String {
        let path = context.codingPath.map(\.stringValue).joined(separator: ".")
        return path.isEmpty ? "" : " in '\(path.excerpt)'"
    }
}
