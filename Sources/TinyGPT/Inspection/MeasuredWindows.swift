/// The windows at the beginning of a text that the parts of a model are measured on, all of one length.
package struct MeasuredWindows {
    /// How many windows there are.
    let count: Int
    /// The length of each: the context, or less if the text is shorter.
    let length: Int
    /// The characters of the windows, and the one after them.
    let text: TokenArray

    /// The characters measured by default, which take seconds for a small model.
    package static let defaultCharacters = 8192
    /// The fewest windows measured by default, so that standard errors mean something where the context is long.
    package static let fewestByDefault = 16

    /// - Parameters:
    ///   - tokens: The text, at least two characters.
    ///   - context: The model's context.
    ///   - most: The most windows; as many as hold ``defaultCharacters``, but at least ``fewestByDefault``, if nil.
    /// - Throws: ``TinyGPTError/tooShortToMeasure(characters:)``.
    init(_ tokens: TokenArray, context: Int, most: Int?) throws {
        guard tokens.count >= 2 else { throw TinyGPTError.tooShortToMeasure(characters: tokens.count) }
        let most = most ?? max(Self.fewestByDefault, Self.defaultCharacters / context)
        precondition(most > 0, "\(most) windows measure nothing")
        length = min(context, tokens.count - 1)
        count = min(most, (tokens.count - 1) / length)
        text = tokens.part(0..<count * length + 1)
    }

    /// Some windows at a time, in order.
    var batches: Windows { Windows(tokens: text, context: length, batch: max(1, 4096 / length)) }
}
