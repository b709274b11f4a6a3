import Autograd
import Foundation

/// Sinusoidal positional encoding (Vaswani et al. 2017, section 3.5): `sin(t / 10000^(2i/C))` in channel 2i, the cosine in
/// channel 2i + 1; wavelengths from 2 pi to 10000 x 2 pi positions.
public struct PositionalEncoding {
    /// The amplitude: 0.02 sqrt 2, so that positions enter as strongly as the freshly initialized embedding. A sine's mean
    /// square is 1/2, the embedding's is 0.02 squared.
    public static let scale = 0.02 * 2.0.squareRoot()

    /// The encoding of every position, a constant. Shape: (context, C)
    public let table: Tensor

    /// Computes ``scale`` times the encodings of positions 0 to `context` - 1.
    ///
    /// - Parameters:
    ///   - context: The most positions, not negative.
    ///   - width: The width C, at least 1; the last channel of an odd width is a sine.
    public init(context: Int, width: Int) {
        precondition(context >= 0 && width > 0, "encodings of \(context) positions of width \(width)")
        let wavelengths = (0..<width).map { pow(10000, Double($0 - $0 % 2) / Double(width)) }
        var values: [Float] = []
        values.reserveCapacity(context * width)
        for position in 0..<context {
            for channel in 0..<width {
                let angle = Double(position) / wavelengths[channel]
                values.append(Float(Self.scale * (channel % 2 == 0 ? sin(angle) : cos(angle))))
            }
        }
        table = Tensor(values, shape: [context, width])
    }

    /// Adds the encodings of the first positions.
    ///
    /// Shape: (B, T, C) -> (B, T, C)
    ///
    /// - Precondition: T is at most the context.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        let (_, time, _) = x.shape3
        return x + table.prefix(count: time)
    }
}
