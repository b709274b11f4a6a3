import Autograd
import Foundation

/// Where a character stands, as sines and cosines of wavelengths from 2 pi to 10000 x 2 pi
/// (Vaswani et al. 2017, section 3.5): `sin(t / 10000^(2i/C))` in channel 2i, the cosine in channel 2i + 1.
public struct PositionalEncoding {
    /// What the sines are multiplied by: 0.02 sqrt 2, so that positions enter as strongly as the embedding of characters
    /// when it is new. A sine's mean square is 1/2, the embedding's is 0.02 squared.
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
