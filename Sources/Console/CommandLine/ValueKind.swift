import TinyGPT

/// The kind of value that follows an option.
package enum ValueKind: Sendable {
    /// Nothing: the option is there or it is not.
    case flag
    /// A whole number in a range.
    case wholeNumber(ClosedRange<Int>)
    /// A number in a range; never NaN, never infinite.
    case number(NumberRange)
    /// Any text.
    case text
    /// One of a few words.
    case choice([String])
    /// Any text, or nothing.
    case optionalText

    /// Whether the option is wrong without a value.
    package var needsValue: Bool {
        switch self {
        case .flag, .optionalText: false
        case .wholeNumber, .number, .text, .choice: true
        }
    }

    /// How the value is called in help unless the option names it better; nil where there is none.
    package var placeholder: String? {
        switch self {
        case .flag: nil
        case .wholeNumber: "N"
        case .number: "X"
        case .text, .optionalText: "TEXT"
        case .choice(let words): words.joined(separator: "|")
        }
    }

    /// The value that the option expects, for an error message.
    package var expectation: String {
        switch self {
        case .flag: "no value"
        case .wholeNumber(let range) where range.upperBound == .max: "a whole number of at least \(range.lowerBound)"
        case .wholeNumber(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .number(let range): range.expectation
        case .text, .optionalText: "text"
        case .choice(let words):
            ListFormat.or(words)
        }
    }

    /// The value that `text` stands for.
    ///
    /// - Returns: nil where the text is no such value or lies outside the range.
    package func read(_ text: String) -> OptionValue? {
        switch self {
        case .flag:
            return nil
        case .wholeNumber(let range):
            return Int(text).flatMap { range.contains($0) ? .integer($0) : nil }
        case .number(let range):
            // `Double` would also read "nan", "infinity" and hexadecimal.
            guard text.utf8.allSatisfy("0123456789+-.eE".utf8.contains) else { return nil }
            return Double(text).flatMap { range.contains($0) ? .number($0) : nil }
        case .text, .optionalText:
            return .text(text)
        case .choice(let words):
            return words.contains(text) ? .text(text) : nil
        }
    }
}

/// The value that an option was given.
package enum OptionValue: Sendable, Equatable {
    /// The option itself: a flag, or an optional text left out.
    case present
    case integer(Int)
    case number(Double)
    case text(String)
}
