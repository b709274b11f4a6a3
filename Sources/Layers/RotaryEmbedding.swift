import Autograd
import Foundation
import Kernels

/// QK-norm and rotary position embedding: the queries and keys of each head are normalized with a gain (Henry et al. 2020), then
/// rotated by angles proportional to their position (RoPE: Su et al. 2021), so that positions enter a score only through their
/// distance.
public struct RotaryEmbedding {
    /// The norm of queries, over the D channels of each head.
    public let queryNorm: RMSNorm
    /// The norm of keys, over the D channels of each head.
    public let keyNorm: RMSNorm
    /// The rotations of every position; the blocks of a model share them.
    public let rotations: Rotations

    /// Makes the parameters under `query_norm` and `key_norm`.
    ///
    /// - Parameters:
    ///   - parameters: The list that the parameters are made by and added to.
    ///   - rotations: Those of every position, with the head width D.
    /// - Throws: What the list throws.
    public init<Failure>(_ parameters: ParameterList<Failure>, rotations: Rotations) throws(Failure) {
        queryNorm = try RMSNorm(parameters.scope("query_norm"), width: rotations.headWidth)
        keyNorm = try RMSNorm(parameters.scope("key_norm"), width: rotations.headWidth)
        self.rotations = rotations
    }

    /// Queries and keys normalized and rotated, beside the values as they are.
    ///
    /// Shape: (B, T, 3C) -> (B, T, 3C)
    public func callAsFunction(_ queryKeyValue: Tensor) -> Tensor {
        queryKeyValue.rotary(queryGain: queryNorm.weight, keyGain: keyNorm.weight, rotations: rotations.table)
    }

    /// Records the decode step: the queries and keys of one new token of each text, in place.
    package func decode(_ queryKeyValue: DecodeProgram.ShardedActivations, in program: DecodeProgram) {
        program.rotary(
            queryKeyValue,
            RotaryKernel.Operands(
                queryGain: queryNorm.weight.buffer, keyGain: keyNorm.weight.buffer, rotations: rotations.table.buffer))
    }
}

/// The angles by which queries and keys are rotated at each position, as cosines and sines, which the blocks of a model share.
public final class Rotations {
    /// The base of the wavelengths: from 2 pi positions to nearly 10000 x 2 pi.
    public static let base = 10_000.0

    /// Positions.
    public let context: Int
    /// The head width D.
    public let headWidth: Int

    /// Rotations of positions 0 to `context` - 1.
    ///
    /// - Parameters:
    ///   - context: Positions, not negative.
    ///   - headWidth: The head width D, even and positive.
    public init(context: Int, headWidth: Int) {
        precondition(
            context >= 0 && headWidth > 0 && headWidth % 2 == 0,
            "rotations of \(context) positions need an even head width, got \(headWidth)")
        (self.context, self.headWidth) = (context, headWidth)
    }

    /// The cosines of `t / 10000^(2i/D)` for channels i below D/2 of position t, then the sines, as a constant. Computed at
    /// first use, because no parameter from a file bounds the context: a missing one is found before a table is made.
    ///
    /// Shape: (context, D)
    public private(set) lazy var table: Tensor = {
        let half = headWidth / 2
        let wavelengths = (0..<half).map { pow(Self.base, Double(2 * $0) / Double(headWidth)) }
        var values: [Float] = []
        values.reserveCapacity(context * headWidth)
        for position in 0..<context {
            for function in [cos, sin] as [(Double) -> Double] {
                for channel in 0..<half { values.append(Float(function(Double(position) / wavelengths[channel]))) }
            }
        }
        return Tensor(values, shape: [context, headWidth])
    }()
}
