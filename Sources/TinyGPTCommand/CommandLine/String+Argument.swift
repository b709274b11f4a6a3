/// How an argument looks. All of it goes by bytes: a combining mark after a dash or an equals sign would make another
/// character of it.
extension String {
    /// Whether it begins with a dash and is more than the dash alone.
    var isOption: Bool { utf8.count > 1 && utf8.starts(with: "-".utf8) }

    /// Whether it begins with two dashes.
    var isLongOption: Bool { utf8.starts(with: "--".utf8) }

    /// Whether it can follow an option as its value: anything that does not look like another option.
    ///
    /// `-` may stand for standard input, and `-5` or `-.5` are better refused by the range than taken for options.
    var canBeValue: Bool {
        guard isOption, let second = utf8.dropFirst().first else { return true }
        return "0123456789.".utf8.contains(second)
    }

    /// The parts before and after the first `=`; no second part where there is none.
    var splitAtEqualsSign: (name: String, value: String?) {
        guard let index = utf8.firstIndex(of: UInt8(ascii: "=")) else { return (self, nil) }
        return (String(self[..<index]), String(self[utf8.index(after: index)...]))
    }

    /// For an error message: between quotes, and on one line whatever is in it.
    var quoted: String {
        let visible = unicodeScalars.map {
            $0.properties.generalCategory == .control ? $0.escaped(asASCII: true) : "\($0)"
        }
        return "'\(visible.joined())'"
    }

    /// A path for a command to paste into a shell, where a dash in front would make an option of it.
    var shellPath: String { (isOption ? "./" + self : self).shellQuoted }

    /// For a command to paste into a shell: as it is where that is safe, else between quotes, or as `$'...'` (POSIX 2024,
    /// section 2.2.4) with escapes for control characters, which a terminal does not paste.
    var shellQuoted: String {
        let isSafe = unicodeScalars.allSatisfy {
            $0.properties.isAlphabetic || "0123456789/._-+:@%".unicodeScalars.contains($0)
        }
        if isSafe, !isEmpty { return self }
        guard unicodeScalars.contains(where: \.isControl) else { return "'" + replacing("'", with: "'\\''") + "'" }
        return "$'" + escaped(quote: "'") { $0.utf8.map { "\\" + Self.digits(Int($0), radix: 8, count: 3) }.joined() }
            + "'"
    }

    /// A string literal of Python.
    var pythonQuoted: String {
        "\"" + escaped(quote: "\"") { "\\x" + Self.digits(Int($0.value), radix: 16, count: 2) } + "\""
    }

    /// With a backslash before backslashes and quotes, and escapes for control characters.
    private func escaped(quote: Unicode.Scalar, control: (Unicode.Scalar) -> String) -> String {
        unicodeScalars.map { scalar in
            if scalar == "\\" || scalar == quote { return "\\\(scalar)" }
            return scalar.isControl ? control(scalar) : "\(scalar)"
        }.joined()
    }

    private static func digits(_ number: Int, radix: Int, count: Int) -> String {
        let digits = String(number, radix: radix)
        return String(repeating: "0", count: count - digits.count) + digits
    }
}

extension Unicode.Scalar {
    fileprivate var isControl: Bool { properties.generalCategory == .control }
}
