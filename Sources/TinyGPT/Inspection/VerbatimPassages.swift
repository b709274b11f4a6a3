/// What of a text stands character for character in another, the training text: what a model may have learned by heart.
public struct VerbatimPassages: Equatable, Sendable {
    /// For each character, how many characters up to and with it stand together in the training text.
    ///
    /// Shape: (T)
    public let lengths: [Int]

    /// From this length on a passage is not chance: a line of verse has about 40 characters.
    public static let passageLength = 20

    /// The length of the longest passage.
    public var longest: Int { lengths.max() ?? 0 }

    /// The part of all passages of ``passageLength`` characters that stand in the training text, from 0 to 1; 0 of a shorter text.
    public var share: Double {
        let ends = lengths.dropFirst(Self.passageLength - 1)
        return ends.isEmpty ? 0 : Double(ends.count { $0 >= Self.passageLength }) / Double(ends.count)
    }

    /// Whether each character is in a passage of at least ``passageLength`` characters. Shape: (T)
    public var marks: [Bool] {
        var marks = [Bool](repeating: false, count: lengths.count)
        for (end, length) in lengths.enumerated() where length >= Self.passageLength {
            for place in end - length + 1...end { marks[place] = true }
        }
        return marks
    }

    /// Compares a text with a training text, in time that grows with the sum of both.
    ///
    /// - Parameters:
    ///   - text: The text, such as a sample.
    ///   - training: The training text.
    public init(of text: [Int32], in training: TokenArray) {
        var automaton = SuffixAutomaton(text)
        let size = 1 << 16
        for start in stride(from: 0, to: training.count, by: size) {
            for token in training[start..<min(training.count, start + size)] { automaton.read(token) }
        }
        lengths = automaton.longestMatches()
    }
}

/// The smallest automaton that reads every substring of a text (Blumer et al. 1985), and what another text has matched of it.
private struct SuffixAutomaton {
    /// The substrings that end at the same places; state 0 is that of the empty string.
    private struct State {
        /// The length of the longest.
        var length: Int32
        /// The state of its longest suffix that ends at more places; negative for the empty string.
        var link: Int32
        /// The length of the longest match.
        var matched: Int32 = 0
    }

    private var states = [State(length: 0, link: -1)]
    /// For each state, the state after each different token of the text, 0 for none: a table, because another text takes ten times
    /// as long with dictionaries.
    private var next: [Int32]
    /// For each token, its column in the table; negative for one that is not in the text.
    private var columns: [Int32]
    private let columnCount: Int
    /// The state of the text up to each character.
    private var prefixes: [Int32] = []
    /// The longest suffix of what was read that is a substring of the text.
    private var current = (state: 0, length: 0)

    init(_ text: [Int32]) {
        columns = [Int32](repeating: -1, count: Int(text.max() ?? -1) + 1)
        var count = 0
        for token in text where columns[Int(token)] < 0 {
            columns[Int(token)] = Int32(count)
            count += 1
        }
        columnCount = count
        next = [Int32](repeating: 0, count: count)
        for token in text { append(Int(columns[Int(token)])) }
    }

    private mutating func append(_ column: Int) {
        let new = addState(length: Int32(prefixes.count + 1))
        var state = prefixes.last ?? 0
        prefixes.append(new)
        while state >= 0, self[state, column] == 0 {
            self[state, column] = new
            state = states[Int(state)].link
        }
        guard state >= 0 else { return }
        let target = self[state, column]
        guard states[Int(target)].length > states[Int(state)].length + 1 else {
            states[Int(new)].link = target
            return
        }
        // The shorter substrings of the target now end at one more place than the longer ones.
        let copy = addState(length: states[Int(state)].length + 1)
        states[Int(copy)].link = states[Int(target)].link
        for other in 0..<columnCount { self[copy, other] = self[target, other] }
        while state >= 0, self[state, column] == target {
            self[state, column] = copy
            state = states[Int(state)].link
        }
        (states[Int(target)].link, states[Int(new)].link) = (copy, copy)
    }

    private mutating func addState(length: Int32) -> Int32 {
        states.append(State(length: length, link: 0))
        next.append(contentsOf: repeatElement(0, count: columnCount))
        return Int32(states.count - 1)
    }

    private subscript(_ state: Int32, _ column: Int) -> Int32 {
        get { next[Int(state) * columnCount + column] }
        set { next[Int(state) * columnCount + column] = newValue }
    }

    /// Reads the next token of the other text.
    mutating func read(_ token: Int32) {
        let column = token < columns.count ? Int(columns[Int(token)]) : -1
        guard column >= 0 else { return current = (0, 0) }
        while next[current.state * columnCount + column] == 0 {
            let link = Int(states[current.state].link)
            guard link >= 0 else { return current = (0, 0) }
            current = (link, Int(states[link].length))
        }
        current = (Int(next[current.state * columnCount + column]), current.length + 1)
        states[current.state].matched = max(states[current.state].matched, Int32(current.length))
    }

    /// The length of the longest match that ends at each character of the text.
    func longestMatches() -> [Int] {
        var matched = states.map(\.matched)
        let byLength = states.indices.sorted { states[$0].length < states[$1].length }
        // What a longer substring has matched, its suffixes have.
        for state in byLength.reversed() where matched[state] > 0 && states[state].link >= 0 {
            let link = Int(states[state].link)
            matched[link] = states[link].length
        }
        // And where a longer substring ends, its suffixes do.
        for state in byLength where states[state].link >= 0 {
            matched[state] = max(matched[state], matched[Int(states[state].link)])
        }
        return prefixes.map { Int(matched[Int($0)]) }
    }
}
