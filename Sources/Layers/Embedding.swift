import Autograd

/// A vector for every character of the vocabulary.
public struct Embedding {
    /// Shape: (V, C)
    public let weight: Tensor

    /// Makes the parameter `weight`.
    public init(_ parameters: ParameterList, vocabulary: Int, width: Int) throws {
        weight = try parameters.make("weight", shape: [vocabulary, width], .matrix)
    }

    /// Shape: tokens in the given shape (B, T) -> (B, T, C)
    public func callAsFunction(_ tokens: [Int32], shape: Shape) -> Tensor { weight.rows(tokens, shape: shape) }
}
