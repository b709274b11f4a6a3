import TinyGPT

/// How an argument looks. All of it goes by bytes or scalars: a combining mark after a dash, an equals sign or a quote would make
/// another character of it.
extension String {
    /// Whether it begins with a dash and is more than the dash alone.
    package var isOption: Bool { utf8.count > 1 && utf8.starts(with: "-".utf8) }

    /// Whether it begins with two dashes.
    package var isLongOption: Bool { utf8.starts(with: "--".utf8) }

    /// Whether it can follow an option as its value: anything that does not look like another option.
    ///
    /// `-` may stand for standard input, and `-5` or `-.5` are better refused by the range than taken for options.
    package var canBeValue: Bool {
        guard isOption, let second = utf8.dropFirst().first else { return true }
        return "0123456789.".utf8.contains(second)
    }

    /// The parts before and after the first `=`; no second part where there is none.
    package var splitAtEqualsSign: (name: String, value: String?) {
        guard let index = utf8.firstIndex(of: UInt8(ascii: "=")) else { return (self, nil) }
        return (String(self[..<index]), String(self[utf8.index(after: index)...]))
    }

    /// A path for a command to paste into a shell, where a dash in front would make an option of it.
    package var shellPath: String { (isOption ? "./" + self : self).shellQuoted }

    /// For a command to paste into bash or zsh: as it is where that is safe, else between quotes, or as `$'...'` (in POSIX since
    /// 2024) with escapes for what a terminal obeys and so does not paste.
    package var shellQuoted: String {
        let isSafe = unicodeScalars.allSatisfy {
            $0.properties.isAlphabetic || "0123456789/._-+:@%".unicodeScalars.contains($0)
        }
        if isSafe, !isEmpty { return self }
        guard unicodeScalars.contains(where: \.isControl) else {
            return "'" + mapScalars { $0 == "'" ? "'\\''" : nil } + "'"
        }
        return "$'" + escaped(quote: "'") { $0.utf8.map { "\\" + Self.digits($0, radix: 8, count: 3) }.joined() }
            + "'"
    }

    /// A string literal of Python.
    package var pythonQuoted: String {
        "\"" + escaped(quote: "\"") { "\\u" + Self.digits($0.value, radix: 16, count: 4) } + "\""
    }

    /// With a backslash before backslashes and quotes, and escapes for control characters.
    private func escaped(quote: Unicode.Scalar, control: (Unicode.Scalar) -> String) -> String {
        mapScalars { scalar in
            if scalar == "\\" || scalar == quote { return "\\\(scalar)" }
            return scalar.isControl ? control(scalar) : nil
        }
    }

    private static func digits(_ number: some BinaryInteger, radix: Int, count: Int) -> String {
        let digits = String(number, radix: radix)
        return String(repeating: "0", count: count - digits.count) + digits
    }
}
