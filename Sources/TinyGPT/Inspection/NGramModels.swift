import Foundation

/// Models of 1 to 6 characters counted on a text, with interpolated modified Kneser-Ney smoothing (Chen and Goodman 1999,
/// section 3): yardsticks for the loss of a trained model.
///
/// With c the number of times that a character w follows the n - 1 characters h before it, the model of order n gives w
/// (c - D(c)) / sum(c) + g(h) P(w | h without its first), where the discounts D come from the numbers of n-grams seen once to
/// four times, and g makes the sum 1. Below the order n, c counts the different characters seen before h w instead. The model of
/// order 1 guesses by frequency alone.
public struct NGramModels: Sendable {
    /// The longest n-gram, in characters.
    public static let order = 6
    /// The most characters that are counted, the last ones of a longer text.
    public static let characterLimit = 4_000_000

    /// The memory that counting a text needs, in bytes: 64 for each of its characters were measured for 0.1 to 4 million
    /// characters of English.
    ///
    /// - Parameter characters: The characters of the text.
    /// - Returns: Bytes.
    public static func memory(characters: Int) -> Int { 64 * min(characters, characterLimit) }

    private let vocabulary: Int
    private var children = NodeTable()
    /// For each n-gram, by its node; node 0 is the empty one.
    private var occurrences = NodeCounts()
    /// For each n-gram, how many different characters were seen before it.
    private var predecessors = NodeCounts()
    /// The n-gram without its last character, and its length.
    private var parents: [Int32] = [0]
    private var depths: [Int8] = [0]

    /// Counts a text.
    ///
    /// - Parameters:
    ///   - tokens: The text.
    ///   - vocabulary: V, the different characters.
    public init(_ tokens: TokenArray, vocabulary: Int) {
        self.vocabulary = vocabulary
        let tokens = tokens.part(max(0, tokens.count - Self.characterLimit)..<tokens.count)
        // The nodes of the last 0, 1, 2, ... characters.
        var (endings, next): ([Int32], [Int32]) = ([0], [])
        for token in tokens.array {
            next.removeAll(keepingCapacity: true)
            next.append(0)
            for length in 0..<min(Self.order, endings.count) {
                let known = parents.count
                let node = child(of: endings[length], adding: token)
                occurrences.values[Int(node)] += 1
                if Int(node) == known, length > 0 { predecessors.values[Int(next[length])] += 1 }
                next.append(node)
            }
            swap(&endings, &next)
        }
        occurrences.finish(parents, depths)
        predecessors.finish(parents, depths)
    }

    /// The node of an n-gram and a character behind it, made if it is new.
    private mutating func child(of node: Int32, adding token: Int32) -> Int32 {
        let new = Int32(parents.count)
        let child = children.child(of: node, adding: token, new: new)
        guard child == new else { return child }
        parents.append(node)
        depths.append(depths[Int(node)] + 1)
        occurrences.values.append(0)
        predecessors.values.append(0)
        return new
    }

    /// The mean loss of each model on a text, in nats per character; every character but the first is predicted.
    ///
    /// - Parameter tokens: The text, at least two characters.
    /// - Returns: The loss of order 1, which guesses by frequency, to that of ``order``.
    public func losses(on tokens: TokenArray) -> [Double] {
        precondition(tokens.count >= 2, "\(tokens.count) characters; at least 2 are needed to predict one")
        let tokens = tokens.array
        let characters = Double(occurrences.totals[0])
        var sums = [Double](repeating: 0, count: Self.order)
        var contexts: [Int32] = [0]
        for (place, token) in tokens.enumerated() {
            let found = contexts.map { children[$0, token] }
            if place > 0 {
                let count = found[0].map { occurrences.values[Int($0)] } ?? 0
                sums[0] -= log((Double(count) + 1) / (characters + Double(vocabulary)))
                var lower = 1 / Double(vocabulary)
                for length in 0..<Self.order {
                    let known = length < contexts.count
                    let (context, node) = known ? (contexts[length], found[length]) : (0, nil)
                    if length > 0 {
                        sums[length] -= log(known ? occurrences.probability(of: node, after: context, lower) : lower)
                    }
                    if known { lower = predecessors.probability(of: node, after: context, lower) }
                }
            }
            // An n-gram that was never seen is no context, and no longer one is known then.
            contexts = [0] + found.prefix(Self.order - 1).prefix { $0 != nil }.map { $0! }
        }
        return sums.map { $0 / Double(tokens.count - 1) }
    }
}

/// The n-grams made of another one and a character: a hash table with open addressing, since a dictionary takes twice as long.
private struct NodeTable: Sendable {
    /// Of each n-gram: the other one and the character, plus 1; 0 where there is none.
    private var keys = [UInt64](repeating: 0, count: 1 << 10)
    private var nodes = [Int32](repeating: 0, count: 1 << 10)
    private var count = 0

    /// An n-gram; nil where it was never seen.
    subscript(node: Int32, token: Int32) -> Int32? {
        let place = place(of: Self.key(node, token))
        return keys[place] == 0 ? nil : nodes[place]
    }

    /// An n-gram, which becomes `new` if it was never seen.
    mutating func child(of node: Int32, adding token: Int32, new: Int32) -> Int32 {
        let key = Self.key(node, token)
        let place = place(of: key)
        guard keys[place] == 0 else { return nodes[place] }
        (keys[place], nodes[place]) = (key, new)
        count += 1
        if 4 * count > 3 * keys.count { grow() }
        return new
    }

    private mutating func grow() {
        let (oldKeys, oldNodes) = (keys, nodes)
        keys = [UInt64](repeating: 0, count: 2 * oldKeys.count)
        nodes = [Int32](repeating: 0, count: keys.count)
        for (key, node) in zip(oldKeys, oldNodes) where key != 0 {
            let place = place(of: key)
            (keys[place], nodes[place]) = (key, node)
        }
    }

    /// Where a key is, or would be: from the high bits of a product on (Knuth, The Art of Computer Programming, volume 3, 6.4).
    private func place(of key: UInt64) -> Int {
        let bits = keys.count.trailingZeroBitCount
        var place = Int((key &* 0x9E37_79B9_7F4A_7C15) >> UInt64(64 - bits))
        while keys[place] != 0, keys[place] != key { place = (place + 1) & (keys.count - 1) }
        return place
    }

    private static func key(_ node: Int32, _ token: Int32) -> UInt64 { (UInt64(node) << 32 | UInt64(token)) + 1 }
}

/// A count for each n-gram, and what the smoothing needs of it.
private struct NodeCounts: Sendable {
    var values: [Int32] = [0]
    /// For each n-gram as a context: the sum of the counts of those that continue it.
    private(set) var totals: [Int32] = []
    /// How many continue it that have the count 1, 2, and more.
    private var continued: [SIMD3<Int32>] = []
    /// For each length of an n-gram, what is taken off a count of 1, 2, and more.
    private var discounts: [SIMD3<Double>] = []
    private var depths: [Int8] = []

    /// Sums up after the last count.
    mutating func finish(_ parents: [Int32], _ depths: [Int8]) {
        totals = [Int32](repeating: 0, count: values.count)
        continued = [SIMD3](repeating: .zero, count: values.count)
        self.depths = depths
        var numbers = [SIMD4<Double>](repeating: .zero, count: NGramModels.order + 1)
        for node in values.indices.dropFirst() where values[node] > 0 {
            let (parent, count) = (Int(parents[node]), values[node])
            totals[parent] += count
            continued[parent][Int(min(count, 3)) - 1] += 1
            if count <= 4 { numbers[Int(depths[node])][Int(count) - 1] += 1 }
        }
        discounts = numbers.map(Self.discounts)
    }

    /// D = i - (i + 1) Y n(i+1) / n(i) with Y = n1 / (n1 + 2 n2), and 1/2, 1, 3/2 where the numbers allow none, as of single
    /// characters, few of which are rare.
    private static func discounts(_ n: SIMD4<Double>) -> SIMD3<Double> {
        let y = n[0] / (n[0] + 2 * n[1])
        let discounts = SIMD3(1 - 2 * y * n[1] / n[0], 2 - 3 * y * n[2] / n[1], 3 - 4 * y * n[3] / n[2])
        let isUsable = (0..<3).allSatisfy { discounts[$0] > 0 && discounts[$0] <= Double($0 + 1) }
        return isUsable ? discounts : SIMD3(0.5, 1, 1.5)
    }

    /// The probability of an n-gram's last character after the others.
    ///
    /// - Parameters:
    ///   - node: The n-gram; nil for one that was never seen.
    ///   - context: The n-gram without its last character.
    ///   - lower: The probability after one character less.
    /// - Returns: From 0 to 1.
    func probability(of node: Int32?, after context: Int32, _ lower: Double) -> Double {
        let total = Double(totals[Int(context)])
        guard total > 0 else { return lower }
        let discounts = discounts[Int(depths[Int(context)]) + 1]
        let count = node.map { values[Int($0)] } ?? 0
        let kept = count > 0 ? Double(count) - discounts[Int(min(count, 3)) - 1] : 0
        let freed = (discounts * SIMD3<Double>(continued[Int(context)])).sum()
        return (kept + freed * lower) / total
    }
}
