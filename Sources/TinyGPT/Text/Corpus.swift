/// A text as tokens: the first part to train on, the rest to validate with. Either it is one text, or each of its lines is one.
public struct Corpus: Sendable {
    /// The tokens to train on.
    public let train: TokenArray
    /// The tokens that training never sees; none for a validation fraction of 0.
    public let validation: TokenArray
    /// Both together, as they are arranged.
    public let all: TokenArray
    /// The token between lines that are texts of their own, one before each and one after it; nil where the whole is one text.
    public let lineBreak: Int32?
    /// The lines to train on; nil where the whole is one text.
    public let trainLines: Int?

    /// Splits a text, without a copy unless its lines are texts of their own.
    ///
    /// - Parameters:
    ///   - text: The tokens of all characters.
    ///   - vocabulary: The characters of the tokens.
    ///   - context: The longest window that will be drawn, in characters.
    ///   - validationFraction: The part of the characters, at the end, to validate on, from 0 to below 1; the number to
    ///     train on is rounded down.
    ///   - linesSeed: Makes each line a text of its own, in an order drawn with this seed: lists are often sorted, and their
    ///     ends of another kind than the rest. nil for one text.
    /// - Throws: ``TinyGPTError`` when the fraction is out of range, a part is too short, a line too long, or all characters are
    ///   the same.
    public init(
        _ text: TokenArray, _ vocabulary: Vocabulary, context: Int, validationFraction: Double = 0.1,
        linesSeed: UInt64? = nil
    ) throws {
        guard validationFraction >= 0, validationFraction < 1 else {
            throw TinyGPTError.invalidValidationFraction(validationFraction)
        }
        if let only = text.onlyToken {
            let character = vocabulary.characters[Int(only)]
            throw TinyGPTError.uniformText(character: Vocabulary.description(of: character), count: text.count)
        }
        if let linesSeed {
            let lineBreak = vocabulary.index(of: "\n") ?? -1
            let (arranged, longest) = text.shuffledLines(lineBreak: lineBreak, seed: linesSeed)
            guard longest.count < context else {
                throw TinyGPTError.lineTooLong(vocabulary.decode(text[longest]), context: context)
            }
            let breaks = arranged.places(of: lineBreak)
            let lines = breaks.count - 1
            let trainLines = Self.trainCount(of: lines, validationFraction: validationFraction)
            guard lineBreak >= 0, trainLines > 0, validationFraction == 0 || trainLines < lines else {
                throw TinyGPTError.tooFewLines(max(lines, 1), fraction: validationFraction)
            }
            train = arranged.part(0..<Int(breaks[trainLines]) + 1)
            validation = arranged.part(trainLines < lines ? Int(breaks[trainLines])..<arranged.count : 0..<0)
            (all, self.lineBreak, self.trainLines) = (arranged, lineBreak, trainLines)
            return
        }
        let trainCount = Self.trainCount(of: text.count, validationFraction: validationFraction)
        let validationCount = text.count - trainCount
        guard trainCount > context else {
            throw TinyGPTError.tooShortToTrain(
                train: trainCount, validation: validationCount, fraction: validationFraction, context: context)
        }
        guard validationFraction == 0 || validationCount >= 2 else {
            throw TinyGPTError.tooShortToValidate(
                train: trainCount, validation: validationCount, fraction: validationFraction)
        }
        train = text.part(0..<trainCount)
        validation = text.part(trainCount..<text.count)
        (all, lineBreak, trainLines) = (text, nil, nil)
    }

    /// A part of the validation text, from its beginning, of about as many characters, up to the end of a line where lines are
    /// texts of their own; all of it where it is shorter.
    func validationPart(of count: Int) -> TokenArray {
        guard count < validation.count else { return validation }
        guard let lineBreak else { return validation.part(0..<count) }
        // The text ends with a line break.
        var last = count
        while validation[last..<last + 1] != [lineBreak] { last += 1 }
        return validation.part(0..<last + 1)
    }

    /// The number of characters to train on: count * (1 - validationFraction), rounded down. The rest is for validation.
    ///
    /// - Parameters:
    ///   - count: The characters of the text.
    ///   - validationFraction: The part to validate on, from 0 to below 1.
    /// - Returns: The characters, from the beginning of the text.
    public static func trainCount(of count: Int, validationFraction: Double = 0.1) -> Int {
        Int(Double(count) * (1 - validationFraction))
    }
}
