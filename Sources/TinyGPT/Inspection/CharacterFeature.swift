import Foundation

/// Something of the text that a neuron may follow: a number for each character of it.
public struct CharacterFeature: Hashable, Sendable {
    /// The kinds of feature, in the order of a survey.
    public enum Kind: String, CaseIterable, Sendable {
        /// The number of characters since the last line break.
        case positionInLine = "position in line"
        /// Whether the character is a capital letter.
        case capital
        /// Whether the character is a, e, i, o or u, with any mark and as a capital, too.
        case vowel
        /// Whether the character is inside quotation marks, of which the opening one counts; a blank line ends a quotation that
        /// is not closed.
        case quotation
        /// Whether the character is a space.
        case space
        /// Whether the character is a line break.
        case newline
        /// Whether the character is a certain other one.
        case character
        /// Whether the next character is a certain one.
        case nextCharacter = "next character"
    }

    /// The kind.
    public let kind: Kind
    /// The character that must be there or come next; nil for the first four kinds.
    public let token: Int32?

    init(_ kind: Kind, _ token: Int32? = nil) { (self.kind, self.token) = (kind, token) }
}

/// The features of every character of a text, each with mean 0 and standard deviation 1.
struct CharacterFeatures {
    /// Those that the text has: numbers that differ, and of what is or is not, at least ``fewest`` of both.
    let features: [CharacterFeature]
    /// N, the number of characters.
    let count: Int
    /// The characters and the one after them.
    private let text: TokenArray
    private let scan: Scan
    private let isCapital: [Bool], isVowel: [Bool]
    /// Mean and standard deviation of each feature.
    private let moments: [(mean: Double, deviation: Double)]
    /// The places of the features of a token among all.
    private let (ofCharacter, ofNext): ([Int32: Int], [Int32: Int])

    /// A character that is rarer is no feature: what goes with it may be chance.
    static let fewest = 8
    /// The most characters that are features, the most frequent ones, so that a large vocabulary does not take much memory.
    static let mostCharacters = 100

    /// The most features that a text can have.
    static func most(vocabulary: Int) -> Int { 4 + 2 * min(vocabulary, mostCharacters) }

    /// - Parameters:
    ///   - text: The characters and the one after them.
    ///   - vocabulary: Their vocabulary.
    init(_ text: TokenArray, _ vocabulary: Vocabulary) {
        self.text = text
        count = text.count - 1
        isCapital = vocabulary.characters.map(\.properties.isUppercase)
        isVowel = vocabulary.characters.map { character in
            let base = String(character).decomposedStringWithCanonicalMapping.unicodeScalars.first ?? character
            return "aeiouAEIOU".unicodeScalars.contains(base)
        }
        scan = Scan(text.part(0..<count), vocabulary)
        let characters = Self.counts(text.part(0..<count), vocabulary)
        let next = Self.counts(text.part(1..<count + 1), vocabulary)
        func sum(_ isCounted: [Bool]) -> Int { zip(characters, isCounted).reduce(0) { $0 + ($1.1 ? $1.0 : 0) } }
        func frequent(_ counts: [Int]) -> [Int] {
            let found = counts.indices.filter { counts[$0] >= Self.fewest }
            return Array(found.sorted { (counts[$1], $0) < (counts[$0], $1) }.prefix(Self.mostCharacters)).sorted()
        }
        let counted: [(CharacterFeature, Int)] =
            [
                (CharacterFeature(.capital), sum(isCapital)), (CharacterFeature(.vowel), sum(isVowel)),
                (CharacterFeature(.quotation), scan.isQuoted.count { $0 }),
            ]
            + frequent(characters).map { token in
                let kind: CharacterFeature.Kind =
                    switch vocabulary.characters[token] {
                    case " ": .space
                    case "\n": .newline
                    default: .character
                    }
                return (CharacterFeature(kind, Int32(token)), characters[token])
            } + frequent(next).map { (CharacterFeature(.nextCharacter, Int32($0)), next[$0]) }
        let size = Double(count)
        var found: [(CharacterFeature, (mean: Double, deviation: Double))] = counted.compactMap {
            [count] feature, holds in
            guard min(holds, count - holds) >= Self.fewest else { return nil }
            let mean = Double(holds) / size
            return (feature, (mean, (mean * (1 - mean)).squareRoot()))
        }
        if let moments = scan.lineMoments { found.insert((CharacterFeature(.positionInLine), moments), at: 0) }
        features = found.map(\.0)
        moments = found.map(\.1)
        var (ofCharacter, ofNext): ([Int32: Int], [Int32: Int]) = ([:], [:])
        for (place, feature) in features.enumerated() {
            guard let token = feature.token else { continue }
            if feature.kind == .nextCharacter { ofNext[token] = place } else { ofCharacter[token] = place }
        }
        (self.ofCharacter, self.ofNext) = (ofCharacter, ofNext)
    }

    /// The features of as many characters as a range has, those at its places and `shift` further on, round the end of the text.
    ///
    /// Shape: (features, range), feature after feature
    func values(_ range: Range<Int>, shiftedBy shift: Int) -> [Float] {
        let rows = range.count
        var values: [Float] = []
        values.reserveCapacity(features.count * rows)
        func value(_ place: Int, _ number: Double) -> Float {
            Float((number - moments[place].mean) / moments[place].deviation)
        }
        let places = range.map { ($0 + shift) % count }
        let tokens = places.map { text[$0..<$0 + 2] }
        for (place, feature) in features.enumerated() {
            let (low, high) = (value(place, 0), value(place, 1))
            switch feature.kind {
            case .positionInLine: values += places.map { value(place, Double(scan.positionInLine[$0])) }
            case .capital: values += tokens.map { isCapital[Int($0[0])] ? high : low }
            case .vowel: values += tokens.map { isVowel[Int($0[0])] ? high : low }
            case .quotation: values += places.map { scan.isQuoted[$0] ? high : low }
            case .space, .newline, .character, .nextCharacter: values += repeatElement(low, count: rows)
            }
        }
        for (row, token) in tokens.enumerated() {
            if let place = ofCharacter[token[0]] { values[place * rows + row] = value(place, 1) }
            if let place = ofNext[token[1]] { values[place * rows + row] = value(place, 1) }
        }
        return values
    }

    /// How often each token occurs.
    private static func counts(_ text: TokenArray, _ vocabulary: Vocabulary) -> [Int] {
        var counts = [Int](repeating: 0, count: vocabulary.count)
        text.forEach { _, token in counts[Int(token)] += 1 }
        return counts
    }
}

/// What a character's features need of the text before it.
private struct Scan {
    private(set) var positionInLine: [Int32] = []
    private(set) var isQuoted: [Bool] = []
    /// Mean and standard deviation of the position in the line; nil where no line ends.
    private(set) var lineMoments: (mean: Double, deviation: Double)?

    init(_ text: TokenArray, _ vocabulary: Vocabulary) {
        func tokens(_ characters: String) -> Set<Int32> {
            Set(characters.unicodeScalars.compactMap { vocabulary.index(of: $0) })
        }
        let (lineBreak, plain) = (vocabulary.index(of: "\n"), vocabulary.index(of: "\""))
        let (opening, closing) = (tokens("“«„"), tokens("”»"))
        positionInLine.reserveCapacity(text.count)
        isQuoted.reserveCapacity(text.count)
        var (position, quoted, lines) = (Int32(0), false, 0)
        var (sum, squares) = (0.0, 0.0)
        text.forEach { place, token in
            let isBlank = token == lineBreak && position == 0 && place > 0
            position = token == lineBreak ? 0 : position + 1
            if token == lineBreak { lines += 1 }
            if opening.contains(token) || (token == plain && !quoted) {
                quoted = true
            } else if closing.contains(token) || token == plain || isBlank {
                quoted = false
            }
            positionInLine.append(position)
            isQuoted.append(quoted)
            sum += Double(position)
            squares += Double(position) * Double(position)
        }
        let mean = sum / Double(text.count)
        let variance = squares / Double(text.count) - mean * mean
        if lines >= CharacterFeatures.fewest, variance > 1e-9 { lineMoments = (mean, variance.squareRoot()) }
    }
}
