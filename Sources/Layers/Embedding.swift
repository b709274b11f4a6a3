import Autograd
import Foundation

/// A learned vector for every token of the vocabulary.
public struct Embedding {
    /// Shape: (V, C)
    public let weight: Tensor

    /// Makes the parameter `weight`.
    ///
    /// - Throws: What the list throws.
    public init<Failure>(_ parameters: ParameterList<Failure>, vocabulary: Int, width: Int) throws(Failure) {
        weight = try parameters.make("weight", shape: [vocabulary, width], .matrix)
    }

    /// Shape: tokens in the given shape (B, T) -> (B, T, C)
    public func callAsFunction(_ tokens: [Int32], shape: Shape) -> Tensor { weight.rows(tokens, shape: shape) }
}

/// Sinusoidal positional encoding (Vaswani et al. 2017, section 3.5): `sin(t / 10000^(2i/C))` in channel 2i, the cosine in
/// channel 2i + 1; wavelengths from 2 pi to 10000 x 2 pi positions.
public struct PositionalEncoding {
    /// The amplitude: 0.02 sqrt 2, so that positions enter as strongly as the freshly initialized embedding. A sine's mean
    /// square is 1/2, the embedding's is 0.02 squared.
    public static let scale = 0.02 * 2.0.squareRoot()

    /// Shape: (context, C)
    public let table: Tensor

    /// Computes the table.
    public init(context: Int, width: Int) {
        let values = (0..<context).flatMap { position in
            (0..<width).map { channel in
                let angle = Double(position) / pow(10000, Double(channel - channel % 2) / Double(width))
                return Float(Self.scale * (channel % 2 == 0 ? sin(angle) : cos(angle)))
            }
        }
        table = Tensor(values, shape: [context, width])
    }

    /// Adds the encodings of the positions from `start` on.
    ///
    /// Shape: (B, T, C) -> (B, T, C)
    public func callAsFunction(_ x: Tensor, from start: Int = 0) -> Tensor {
        let (_, time, _) = x.shape3
        return x + table.prefix(from: start, count: time)
    }
}
