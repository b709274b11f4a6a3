/// A text as tokens: the first part to train on, the rest to validate with.
public struct Corpus: Sendable {
    /// The tokens to train on.
    public let train: TokenArray
    /// The tokens that training never sees.
    public let validation: TokenArray

    /// Splits a text, without a copy.
    ///
    /// - Parameters:
    ///   - text: The tokens of all characters.
    ///   - vocabulary: The characters of the tokens.
    ///   - context: The longest window that will be drawn, in characters.
    ///   - validationFraction: The part of the characters, at the end, to validate on, above 0 and below 1; the number to
    ///     train on is rounded down.
    /// - Throws: ``TinyGPTError`` when the fraction is out of range, a part is too short, or all characters are the same.
    public init(
        _ text: TokenArray, _ vocabulary: Vocabulary, context: Int, validationFraction: Double = 0.1
    ) throws {
        guard validationFraction > 0, validationFraction < 1 else {
            throw TinyGPTError.invalidValidationFraction(validationFraction)
        }
        if let only = text.onlyToken {
            let character = vocabulary.characters[Int(only)]
            throw TinyGPTError.uniformText(character: Vocabulary.description(of: character), count: text.count)
        }
        let trainCount = Self.trainCount(of: text.count, validationFraction: validationFraction)
        let validationCount = text.count - trainCount
        guard trainCount > context else {
            throw TinyGPTError.tooShortToTrain(
                train: trainCount, validation: validationCount, fraction: validationFraction, context: context)
        }
        guard validationCount >= 2 else {
            throw TinyGPTError.tooShortToValidate(
                train: trainCount, validation: validationCount, fraction: validationFraction)
        }
        train = text.part(0..<trainCount)
        validation = text.part(trainCount..<text.count)
    }

    /// The number of characters to train on: count * (1 - validationFraction), rounded down. The rest is for validation.
    ///
    /// - Parameters:
    ///   - count: The characters of the text.
    ///   - validationFraction: The part to validate on, above 0 and below 1.
    /// - Returns: The characters, from the beginning of the text.
    public static func trainCount(of count: Int, validationFraction: Double = 0.1) -> Int {
        Int(Double(count) * (1 - validationFraction))
    }
}
