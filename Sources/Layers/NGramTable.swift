import Autograd

/// A learned vector for every pair or triple of tokens that follow each other, added to the embedding of the last one.
///
/// What often follows two characters need not be worked out by attention: the table gives the first block a count model's
/// knowledge to start from. Of the rows, which are many, a step uses no more than it has tokens.
public struct NGramTable {
    /// Shape: (rows, C)
    public let weight: Tensor
    /// Tokens that are looked up together, 2 or 3.
    public let order: Int
    private let vocabulary: Int

    /// Rows of a table in which n-grams share rows: a power of two.
    public static let hashedRows = 1 << 14

    /// The rows of a table: one for each n-gram as long as these are no more than ``hashedRows``, else that many.
    ///
    /// - Parameters:
    ///   - order: Tokens that are looked up together, 2 or 3.
    ///   - vocabulary: V, the different tokens.
    /// - Returns: The number of rows.
    public static func rows(order: Int, vocabulary: Int) -> Int {
        exactRows(order: order, vocabulary: vocabulary) ?? hashedRows
    }

    /// V (V + 1)^(order - 1), for the tokens before may be none; nil if that is more than ``hashedRows``.
    private static func exactRows(order: Int, vocabulary: Int) -> Int? {
        var count = vocabulary
        for _ in 1..<order where count <= hashedRows { count *= vocabulary + 1 }
        return count <= hashedRows ? count : nil
    }

    /// Makes the parameter `weight`, which starts at zero.
    ///
    /// - Parameters:
    ///   - parameters: The list that the parameter is made by and added to.
    ///   - order: Tokens that are looked up together, 2 or 3.
    ///   - vocabulary: V, the different tokens.
    ///   - width: Channels C.
    /// - Throws: What the list throws.
    public init<Failure>(
        _ parameters: ParameterList<Failure>, order: Int, vocabulary: Int, width: Int
    ) throws(Failure) {
        precondition(order == 2 || order == 3, "a table of \(order)-grams")
        (self.order, self.vocabulary) = (order, vocabulary)
        weight = try parameters.make(
            "weight", shape: [Self.rows(order: order, vocabulary: vocabulary), width], .constant(0), .table)
    }

    /// The row of the n-gram that ends at each token; before the first token of a text stands a token of its own.
    ///
    /// - Parameters:
    ///   - tokens: Texts of the same length, one after another.
    ///   - length: The length T of each.
    /// - Returns: A row of the table for each token.
    public func rows(of tokens: [Int32], length: Int) -> [Int32] {
        let isExact = Self.exactRows(order: order, vocabulary: vocabulary) != nil
        let radix = UInt64(vocabulary + 1)
        return tokens.indices.map { index in
            var key: UInt64 = 0
            for back in (1..<order).reversed() {
                key = key &* radix &+ UInt64(index % length >= back ? tokens[index - back] : Int32(vocabulary))
            }
            key = key &* UInt64(vocabulary) &+ UInt64(tokens[index])
            // Fibonacci hashing (Knuth, "The Art of Computer Programming", volume 3, section 6.4): the upper bits.
            return Int32(isExact ? key : (key &* 0x9e37_79b9_7f4a_7c15) >> (64 - Self.hashedRows.trailingZeroBitCount))
        }
    }

    /// Shape: tokens (B, T), row after row -> (B, T, C)
    public func callAsFunction(_ tokens: [Int32], shape: Shape) -> Tensor {
        weight.sparseRows(rows(of: tokens, length: shape[-1]), shape: shape)
    }
}
