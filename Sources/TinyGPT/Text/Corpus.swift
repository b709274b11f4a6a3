/// A text as tokens: the first part to train on, the rest to validate with.
public struct Corpus: Sendable {
    /// The tokens to train on.
    public let train: [Int32]
    /// The tokens that training never sees.
    public let validation: [Int32]

    /// Splits a text and encodes it.
    ///
    /// - Parameters:
    ///   - text: The characters.
    ///   - vocabulary: What the tokens mean.
    ///   - context: The longest window that will be drawn, in characters.
    ///   - validationFraction: The part of the characters, at the end, to validate with; the number to train on is rounded
    ///     down.
    /// - Throws: `.badData` when a part is too short, when a character is unknown or when there is only one character to
    ///   choose from; `.usage` when the fraction is not between 0 and 1.
    public init(
        text: [Unicode.Scalar], vocabulary: Vocabulary, context: Int, validationFraction: Double = 0.1
    ) throws {
        guard validationFraction > 0, validationFraction < 1 else {
            throw TinyGPTError(
                .usage, "--val-fraction \(validationFraction): expected a number above 0 and below 1, such as 0.1")
        }
        if let only = text.first, text.allSatisfy({ $0 == only }) {
            throw TinyGPTError(
                .badData,
                """
                the text is \(Vocabulary.description(of: only)) and nothing else, \(text.count) times: there is nothing \
                to learn; expected at least two different characters
                """)
        }
        let trainCount = Self.trainCount(of: text.count, validationFraction: validationFraction)
        try Self.checkLengths(
            train: trainCount, validation: text.count - trainCount, context: context, fraction: validationFraction)
        let tokens = try vocabulary.encode(text)
        train = Array(tokens[..<trainCount])
        validation = Array(tokens[trainCount...])
    }

    /// How many of a text's characters are trained on; the rest validates.
    public static func trainCount(of count: Int, validationFraction: Double) -> Int {
        Int(Double(count) * (1 - validationFraction))
    }

    private static func checkLengths(train: Int, validation: Int, context: Int, fraction: Double) throws {
        let split = "of \(train + validation) characters, \(train) train and \(validation) validate"
        if train < context + 1 {
            throw TinyGPTError(
                .badData,
                """
                the text is too short: \(split) (--val-fraction \(fraction)), but --context \(context) needs at least \
                \(context + 1) to train on.
                Give more text, a smaller --context or a smaller --val-fraction.
                """)
        }
        if validation < 2 {
            throw TinyGPTError(
                .badData,
                """
                the validation part is too short: \(split) (--val-fraction \(fraction)), but at least 2 must validate.
                Give more text or a larger --val-fraction.
                """)
        }
    }
}
