import Autograd
import Foundation
import Kernels

/// QK-norm and rotary position embedding: the queries and keys of each head are normalized with a gain (Henry et al. 2020), then
/// rotated by angles proportional to their position (RoPE: Su et al. 2021), so that a score depends on the distance alone.
public struct RotaryEmbedding {
    /// The norm of queries, over the D channels of each head.
    public let queryNorm: RMSNorm
    /// The norm of keys, over the D channels of each head.
    public let keyNorm: RMSNorm
    /// The rotations of every position, a constant. Shape: (context, D)
    public let rotations: Tensor

    /// Makes the parameters under `query_norm` and `key_norm`.
    ///
    /// - Parameters:
    ///   - parameters: The list that the parameters are made by and added to.
    ///   - rotations: Those of every position, from ``rotations(context:headWidth:)``; the blocks of a model share them.
    /// - Throws: What the list throws.
    public init<Failure>(_ parameters: ParameterList<Failure>, rotations: Tensor) throws(Failure) {
        let (_, headWidth) = rotations.shape2
        queryNorm = try RMSNorm(parameters.scope("query_norm"), width: headWidth)
        keyNorm = try RMSNorm(parameters.scope("key_norm"), width: headWidth)
        self.rotations = rotations
    }

    /// The base of the wavelengths: from 2 pi positions to nearly 10000 x 2 pi.
    public static let base = 10_000.0

    /// The cosines of `t / 10000^(2i/D)` for channels i below D/2 of position t, then the sines.
    ///
    /// Shape: -> (context, D)
    ///
    /// - Parameters:
    ///   - context: Positions, not negative.
    ///   - headWidth: The head width D, even and positive.
    /// - Returns: A constant.
    public static func rotations(context: Int, headWidth: Int) -> Tensor {
        precondition(
            context >= 0 && headWidth > 0 && headWidth % 2 == 0,
            "rotations of \(context) positions need an even head width, got \(headWidth)")
        let values = (0..<context).flatMap { position in
            (0..<headWidth).map { column in
                let channel = column % (headWidth / 2)
                let angle = Double(position) / pow(base, Double(2 * channel) / Double(headWidth))
                return Float(column < headWidth / 2 ? cos(angle) : sin(angle))
            }
        }
        return Tensor(values, shape: [context, headWidth])
    }

    /// Queries and keys normalized and rotated, beside the values as they are.
    ///
    /// Shape: (B, T, 3C) -> (B, T, 3C)
    public func callAsFunction(_ queryKeyValue: Tensor) -> Tensor {
        queryKeyValue.rotary(queryGain: queryNorm.weight, keyGain: keyNorm.weight, rotations: rotations)
    }

    /// Records the decode step: the queries and keys of one new token of each text, in place.
    package func decode(_ queryKeyValue: DecodeProgram.Activations, in program: DecodeProgram) {
        program.rotary(
            queryKeyValue,
            RotaryKernel.Operands(
                queryGain: queryNorm.weight.buffer, keyGain: keyNorm.weight.buffer, rotations: rotations.buffer))
    }
}
