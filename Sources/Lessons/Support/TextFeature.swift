import TinyGPT

/// Something that is known of every character of a text, as numbers.
struct TextFeature {
    let name: String
    let values: [Float]

    /// The number of a state that goes best with this over the first half of the text, and its correlations over both halves.
    func best(of states: [[Float]]) -> (index: Int, firstHalf: Double, secondHalf: Double) {
        let half = values.count / 2
        let found = states.map { correlation(values[..<half], $0[..<half]) }
        let index = found.indices.max { abs(found[$0]) < abs(found[$1]) } ?? 0
        return (index, found[index], correlation(values[half...], states[index][half...]))
    }

    /// Features of a text as far as it has line breaks, spaces and quotation marks.
    static func all(_ tokens: some Sequence<Int32>, _ vocabulary: Vocabulary) -> [TextFeature] {
        let tokens = Array(tokens)
        func distance(from character: Unicode.Scalar) -> [Float] {
            let token = vocabulary.index(of: character)
            var distance: Float = 0
            return tokens.map { next in
                distance = next == token ? 0 : distance + 1
                return distance
            }
        }
        let quote = vocabulary.index(of: "\"")
        var isQuoted = false
        let quoted = tokens.map { token -> Float in
            if token == quote { isQuoted.toggle() }
            return isQuoted ? 1 : 0
        }
        return [
            TextFeature(name: "characters since the line began", values: distance(from: "\n")),
            TextFeature(name: "characters since the word began", values: distance(from: " ")),
            TextFeature(name: "inside quotation marks", values: quoted),
        ]
    }
}

/// Pearson's correlation, from -1 to 1; 0 where one of the two never changes.
func correlation(_ a: some Collection<Float>, _ b: some Collection<Float>) -> Double {
    func centered(_ values: some Collection<Float>) -> [Double] {
        let mean = values.reduce(0) { $0 + Double($1) } / Double(max(1, values.count))
        return values.map { Double($0) - mean }
    }
    let (a, b) = (centered(a), centered(b))
    func product(_ x: [Double], _ y: [Double]) -> Double { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }
    let scale = (product(a, a) * product(b, b)).squareRoot()
    return scale > 1e-9 ? product(a, b) / scale : 0
}
