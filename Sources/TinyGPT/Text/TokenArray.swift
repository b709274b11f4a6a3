/// The tokens of a text: one, two or four bytes per token, chosen per block; slices are returned as `[Int32]`.
///
/// Blocks of 65,536 tokens hold one, two or four bytes a token, by the largest in the block: a text in a Latin script takes a
/// byte a character, a quarter of `[Int32]`. A part shares the memory of the whole.
public struct TokenArray: Sendable, Equatable {
    /// The number of tokens.
    public let count: Int
    private let blocks: [Block]
    /// The place of the first token in the blocks.
    private let start: Int

    static let blockSize = 1 << 16

    /// Up to ``blockSize`` tokens.
    enum Block: Sendable {
        case bytes([UInt8])
        case words([UInt16])
        case integers([Int32])

        /// Tokens in the smallest form.
        init(_ tokens: some Sequence<Int32>) {
            let tokens = Array(tokens)
            switch tokens.max() ?? 0 {
            case ...Int32(UInt8.max): self = .bytes(tokens.map(UInt8.init(truncatingIfNeeded:)))
            case ...Int32(UInt16.max): self = .words(tokens.map(UInt16.init(truncatingIfNeeded:)))
            default: self = .integers(tokens)
            }
        }

        /// Appends the tokens of a range.
        func append(_ range: Range<Int>, to tokens: inout [Int32]) {
            switch self {
            case .bytes(let values): tokens += values[range].lazy.map(Int32.init)
            case .words(let values): tokens += values[range].lazy.map(Int32.init)
            case .integers(let values): tokens += values[range]
            }
        }

        var count: Int {
            switch self {
            case .bytes(let values): values.count
            case .words(let values): values.count
            case .integers(let values): values.count
            }
        }
    }

    private init(_ blocks: [Block], _ range: Range<Int>) {
        (self.blocks, start, count) = (blocks, range.lowerBound, range.count)
    }

    /// - Precondition: All blocks but the last are full.
    init(blocks: [Block]) {
        self.init(blocks, 0..<blocks.reduce(0) { $0 + $1.count })
    }

    /// The tokens of an array.
    ///
    /// - Precondition: No token is negative.
    public init(_ tokens: [Int32]) {
        precondition(tokens.allSatisfy { $0 >= 0 }, "a token is never negative, got \(tokens.min() ?? 0)")
        self.init(
            blocks: stride(from: 0, to: tokens.count, by: Self.blockSize).map { first in
                Block(tokens[first..<min(tokens.count, first + Self.blockSize)])
            })
    }

    /// The tokens of a range as an array of their own, which shares their memory; its first token has index 0.
    ///
    /// - Parameter range: Indices of tokens.
    /// - Returns: As many tokens as the range has.
    /// - Complexity: O(1)
    /// - Precondition: The range lies within the tokens.
    public func part(_ range: Range<Int>) -> TokenArray {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "tokens \(range) of \(count)")
        return TokenArray(blocks, start + range.lowerBound..<start + range.upperBound)
    }

    /// The tokens of a range.
    ///
    /// - Precondition: The range lies within the tokens.
    public subscript(range: Range<Int>) -> [Int32] {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "tokens \(range) of \(count)")
        var tokens: [Int32] = []
        tokens.reserveCapacity(range.count)
        var next = start + range.lowerBound
        let end = start + range.upperBound
        while next < end {
            let offset = next % Self.blockSize
            let length = min(end - next, Self.blockSize - offset)
            blocks[next / Self.blockSize].append(offset..<offset + length, to: &tokens)
            next += length
        }
        return tokens
    }

    /// All tokens.
    public var array: [Int32] { self[0..<count] }

    /// Each token replaced by that at its index in a table.
    func mapped(_ table: [Int32]) -> TokenArray {
        TokenArray(
            blocks: stride(from: 0, to: count, by: Self.blockSize).map { first in
                Block(self[first..<min(count, first + Self.blockSize)].lazy.map { table[Int($0)] })
            })
    }

    /// The token that all are; nil for a text with two different ones or none.
    var onlyToken: Int32? {
        guard let first = self[0..<min(1, count)].first else { return nil }
        let isUniform = stride(from: 0, to: count, by: Self.blockSize).allSatisfy { begin in
            self[begin..<min(count, begin + Self.blockSize)].allSatisfy { $0 == first }
        }
        return isUniform ? first : nil
    }

    /// Whether two texts have the same tokens.
    public static func == (first: TokenArray, second: TokenArray) -> Bool {
        first.count == second.count
            && stride(from: 0, to: first.count, by: blockSize).allSatisfy { begin in
                let range = begin..<min(first.count, begin + blockSize)
                return first[range] == second[range]
            }
    }
}

extension TokenArray: ExpressibleByArrayLiteral {
    /// The tokens of a literal.
    public init(arrayLiteral tokens: Int32...) { self.init(tokens) }
}
