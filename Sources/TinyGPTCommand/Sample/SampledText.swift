/// A text so far, and whether it ends with the text to stop at.
struct SampledText {
    private let stop: String.UnicodeScalarView
    private let endsAtLineBreak: Bool
    private var characters = String.UnicodeScalarView()
    private(set) var isFinished = false
    /// Of each character when it was drawn.
    private(set) var probabilities: [Double] = []

    init(stop: String?, endsAtLineBreak: Bool) {
        (self.stop, self.endsAtLineBreak) = ((stop ?? "").unicodeScalars, endsAtLineBreak)
    }

    var text: String { String(characters) }
    /// Whether it ends with the line break that ends it.
    var hasEndedLine: Bool { endsAtLineBreak && characters.last == "\n" }
    /// The text without the line break that ends it.
    var shown: String { hasEndedLine ? String(characters.dropLast()) : text }

    mutating func append(_ character: Unicode.Scalar, _ probability: Double) {
        characters.append(character)
        probabilities.append(probability)
        isFinished = hasEndedLine || !stop.isEmpty && characters.suffix(stop.count).elementsEqual(stop)
    }
}
