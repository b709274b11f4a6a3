import Autograd

/// A learned vector for every token of the vocabulary.
public struct Embedding {
    /// The vectors, one in each row. Shape: (V, C)
    public let weight: Tensor

    /// Makes the parameter `weight`, which starts from ``Initialization/matrix``.
    ///
    /// - Parameters:
    ///   - parameters: The list that the parameter is made by and added to.
    ///   - vocabulary: Tokens V in the vocabulary, at least 1.
    ///   - width: The width C, at least 1.
    /// - Throws: What the list throws.
    public init<Failure>(_ parameters: ParameterList<Failure>, vocabulary: Int, width: Int) throws(Failure) {
        weight = try parameters.make("weight", shape: [vocabulary, width], .matrix)
    }

    /// The vectors of tokens.
    ///
    /// Shape: tokens in the given shape (B, T) -> (B, T, C)
    ///
    /// - Precondition: Every token is from 0 up to, not including, V.
    public func callAsFunction(_ tokens: [Int32], shape: Shape) -> Tensor { weight.rows(tokens, shape: shape) }
}
