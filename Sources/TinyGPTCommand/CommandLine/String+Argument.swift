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

    /// For a command to paste into a shell: as it is where that is safe, else between quotes.
    var shellQuoted: String {
        let isSafe = unicodeScalars.allSatisfy {
            $0.properties.isAlphabetic || "0123456789/._-+:@%".unicodeScalars.contains($0)
        }
        return isSafe && !isEmpty ? self : "'" + replacing("'", with: "'\\''") + "'"
    }
}
