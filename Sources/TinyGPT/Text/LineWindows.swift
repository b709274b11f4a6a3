import Layers

/// The lines of a text as texts of their own: each is predicted from the line break before it on, to the one that ends it, and
/// nothing of another line is seen.
public struct LineWindows: Sendable {
    /// A target that stands for none, where a line of a batch is shorter than its longest.
    static let ignored: Int32 = -1

    /// The tokens, each line between two line breaks.
    private let tokens: TokenArray
    private let lineBreak: Int32
    /// Where the line breaks are.
    private let breaks: [UInt32]

    /// The number of lines.
    public var count: Int { breaks.count - 1 }

    /// The characters that are predicted: those of all lines, and the line break at the end of each.
    public var predictionCount: Int { Int(breaks.last! - breaks[0]) }

    /// Finds the lines.
    ///
    /// - Parameters:
    ///   - tokens: Lines as ``Corpus`` arranges them: a line break, and behind each line another.
    ///   - lineBreak: The token of a line break.
    /// - Precondition: There is a line.
    public init(_ tokens: TokenArray, lineBreak: Int32) {
        self.tokens = tokens
        self.lineBreak = lineBreak
        breaks = tokens.places(of: lineBreak)
        precondition(breaks.count > 1, "\(tokens.count) tokens hold no line between two line breaks")
    }

    /// The windows of some lines, as long as the longest.
    func batch(_ lines: [Int]) -> Windows.Batch {
        let length = lines.map { Int(breaks[$0 + 1] - breaks[$0]) }.max() ?? 0
        var (inputs, targets): ([Int32], [Int32]) = ([], [])
        inputs.reserveCapacity(lines.count * length)
        targets.reserveCapacity(lines.count * length)
        for line in lines {
            let (start, end) = (Int(breaks[line]), Int(breaks[line + 1]))
            let padding = length - (end - start)
            inputs += tokens[start..<end] + [Int32](repeating: lineBreak, count: padding)
            targets += tokens[start + 1..<end + 1] + [Int32](repeating: Self.ignored, count: padding)
        }
        return Windows.Batch(inputs: inputs, targets: targets, rows: lines.count, length: length, overlap: 0)
    }

    /// All lines in order, up to so many at a time.
    func batches(of rows: Int) -> some Sequence<Windows.Batch> {
        stride(from: 0, to: count, by: rows).lazy.map { batch(Array($0..<min(count, $0 + rows))) }
    }
}

extension TokenArray {
    /// Calls `body` with the place and the value of each token, in little memory.
    func forEach(_ body: (Int, Int32) -> Void) {
        for first in stride(from: 0, to: count, by: Self.blockSize) {
            for (offset, token) in self[first..<Swift.min(count, first + Self.blockSize)].enumerated() {
                body(first + offset, token)
            }
        }
    }

    /// Those of some lines that are lines of this text; not the empty one.
    package func lines(among wanted: Set<[Int32]>, lineBreak: Int32) -> Set<[Int32]> {
        let lengths = Set(wanted.map(\.count))
        var (found, line): (Set<[Int32]>, [Int32]) = ([], [])
        forEach { _, token in
            guard token == lineBreak else { return line.append(token) }
            if !line.isEmpty, lengths.contains(line.count), wanted.contains(line) { found.insert(line) }
            line.removeAll(keepingCapacity: true)
        }
        return found
    }

    /// Where a token is.
    func places(of wanted: Int32) -> [UInt32] {
        var places: [UInt32] = []
        forEach { place, token in
            if token == wanted { places.append(UInt32(place)) }
        }
        return places
    }

    /// The lines of a text in an order that is drawn, each between two line breaks; empty lines are left out.
    ///
    /// Lists are often sorted, and a part at the end of such a one would be of another kind than the rest.
    ///
    /// - Parameters:
    ///   - lineBreak: The token of a line break.
    ///   - seed: The seed of the order.
    /// - Returns: The tokens, and where the longest line was.
    func shuffledLines(lineBreak: Int32, seed: UInt64) -> (tokens: TokenArray, longest: Range<Int>) {
        var lines: [Range<Int>] = []
        var start = 0
        forEach { place, token in
            guard token == lineBreak else { return }
            if place > start { lines.append(start..<place) }
            start = place + 1
        }
        if count > start { lines.append(start..<count) }
        let longest = lines.max { $0.count < $1.count } ?? 0..<0
        var random = RandomStream(seed: seed, purpose: .lines)
        for last in Swift.stride(from: lines.count - 1, to: 0, by: -1) { lines.swapAt(last, random.below(last + 1)) }
        var (blocks, pending): ([Block], [Int32]) = ([], [lineBreak])
        for line in lines {
            pending += self[line] + [lineBreak]
            while pending.count >= Self.blockSize {
                blocks.append(Block(pending.prefix(Self.blockSize)))
                pending.removeFirst(Self.blockSize)
            }
        }
        if !pending.isEmpty { blocks.append(Block(pending)) }
        return (TokenArray(blocks: blocks), longest)
    }
}
