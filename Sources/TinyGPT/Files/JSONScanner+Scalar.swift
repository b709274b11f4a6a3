/// Strings, numbers and the other values without parts.
extension JSONScanner {
    /// A value; the parts of objects and arrays are left out.
    enum Scalar: Equatable, CustomStringConvertible {
        case text(String), integer(Int), number(Double), boolean(Bool), null, object, array

        var description: String {
            switch self {
            case .text(let text): text
            case .integer(let number): "\(number)"
            case .number(let number): "\(number)"
            case .boolean(let value): "\(value)"
            case .null: "null"
            case .object: "an object"
            case .array: "an array"
            }
        }
    }

    /// Whether an array comes next, after spaces, which are skipped.
    mutating func isAtArray() -> Bool { isAt("[") }

    /// Whether an object comes next, after spaces, which are skipped.
    mutating func isAtObject() -> Bool { isAt("{") }

    private mutating func isAt(_ character: Unicode.Scalar) -> Bool {
        skipSpaces()
        return byte == UInt8(ascii: character)
    }

    /// Reads any value.
    mutating func scalar() throws -> Scalar {
        skipSpaces()
        switch byte {
        case UInt8(ascii: "{"):
            try object { scanner, _ in try scanner.skip() }
            return .object
        case UInt8(ascii: "["):
            try array { try $0.skip() }
            return .array
        case UInt8(ascii: "\""): return .text(try string())
        case UInt8(ascii: "t") where word("true"): return .boolean(true)
        case UInt8(ascii: "f") where word("false"): return .boolean(false)
        case UInt8(ascii: "n") where word("null"): return .null
        default: return try number()
        }
    }

    /// Reads a whole number.
    mutating func integer() throws -> Int {
        skipSpaces()
        let start = self
        guard case .integer(let value) = try number("a whole number of 64 bits") else {
            throw start.unexpected("a whole number of 64 bits")
        }
        return value
    }

    /// Reads a number.
    mutating func double() throws -> Double {
        skipSpaces()
        switch try number("a number") {
        case .integer(let value): return Double(value)
        case .number(let value): return value
        default: throw unexpected("a number")
        }
    }

    private mutating func word(_ word: String) -> Bool {
        guard bytes[position...].starts(with: word.utf8) else { return false }
        position += word.utf8.count
        return true
    }

    /// `-`? digits, fraction?, exponent?; no leading zero.
    private mutating func number(_ expected: String = "a value") throws -> Scalar {
        let start = self
        func isDigit(_ byte: UInt8?) -> Bool { byte.map { (0x30...0x39).contains($0) } ?? false }
        func digits(_ scanner: inout JSONScanner) throws {
            guard isDigit(scanner.byte) else { throw start.unexpected(expected) }
            while isDigit(scanner.byte) { scanner.position += 1 }
        }
        if byte == UInt8(ascii: "-") { position += 1 }
        if byte == UInt8(ascii: "0") { position += 1 } else { try digits(&self) }
        var isInteger = true
        if byte == UInt8(ascii: ".") {
            (isInteger, position) = (false, position + 1)
            try digits(&self)
        }
        if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            (isInteger, position) = (false, position + 1)
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { position += 1 }
            try digits(&self)
        }
        let text = String(decoding: bytes[start.position..<position], as: UTF8.self)
        if isInteger, let value = Int(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else { throw start.unexpected("a number of 64 bits") }
        return .number(value)
    }

    /// Reads a string.
    mutating func string() throws -> String {
        guard next(is: "\"") else { throw unexpected("a string") }
        let start = position
        skipPlain()
        if byte == UInt8(ascii: "\"") {
            position += 1
            return String(decoding: bytes[start..<position - 1], as: UTF8.self)
        }
        var text = Array(bytes[start..<position])
        while byte == UInt8(ascii: "\\") {
            position += 1
            text.append(contentsOf: String(try escape()).utf8)
            let plain = position
            skipPlain()
            text.append(contentsOf: bytes[plain..<position])
        }
        guard byte == UInt8(ascii: "\"") else { throw unexpected("the end of a string") }
        position += 1
        return String(decoding: text, as: UTF8.self)
    }

    /// Moves past what stands for itself in a string.
    private mutating func skipPlain() {
        while let byte, byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { position += 1 }
    }

    /// Reads what follows a backslash.
    private mutating func escape() throws -> Unicode.Scalar {
        let start = self
        let letter = byte
        position += 1
        switch letter {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw start.unexpected("an escape")
        }
        guard var value = codeUnit() else { throw start.unexpected("an escape") }
        if (0xD800...0xDBFF).contains(value), word("\\u") {
            guard let low = codeUnit(), (0xDC00...0xDFFF).contains(low) else {
                throw start.unexpected("a pair of surrogates")
            }
            value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(value) else { throw start.unexpected("a character") }
        return scalar
    }

    /// Reads four hexadecimal digits.
    private mutating func codeUnit() -> UInt32? {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte, let digit = Unicode.Scalar(byte).hexDigit else { return nil }
            value = value << 4 | digit
            position += 1
        }
        return value
    }
}

extension Unicode.Scalar {
    fileprivate var hexDigit: UInt32? {
        switch self {
        case "0"..."9": value - 0x30
        case "a"..."f": value - 0x57
        case "A"..."F": value - 0x37
        default: nil
        }
    }
}
