import Autograd
import Kernels

/// A ``TransformerBlock`` that keeps the keys and values of the characters it has read, so that one more of each text costs
/// one row.
package struct BlockDecoder {
    /// The block at work on one new character of each text.
    package let step: BlockStep
    private let block: TransformerBlock
    private let sizes: AttentionShape
    /// Shape: (N, context, 2C: key, value)
    private let cache: Buffer
    /// What the heads looked at in the last step. Shape: (N, heads, context)
    private let weights: Buffer

    /// An empty memory for a block.
    package init(_ block: TransformerBlock, _ sizes: AttentionShape) {
        (self.block, self.sizes) = (block, sizes)
        cache = Buffer(uninitialized: sizes.batch * sizes.time * 2 * sizes.channels)
        weights = Buffer(uninitialized: sizes.batch * sizes.heads * sizes.time)
        step = BlockStep(
            norm1: block.norm1.step, queryKeyValue: block.attention.queryKeyValue.step,
            projection: block.attention.projection.step, norm2: block.norm2.step, up: block.feedForward.up.step,
            down: block.feedForward.down.step, cache: cache, weights: weights)
    }

    /// Runs the block on passages from their first character on, and keeps their keys and values.
    ///
    /// Shape: (N, T, C) -> (N, T, C)
    ///
    /// - Parameters:
    ///   - x: The passages.
    ///   - observe: Shown the queries, keys and values, side by side. Shape: (N, T, 3C)
    /// - Returns: The passages after the block.
    package func read(_ x: Tensor, observe: (Tensor) -> Void) -> Tensor {
        block(x, .inference) { queryKeyValue in
            observe(queryKeyValue)
            CachedAttention.fill(
                cache, capacity: sizes.time, from: queryKeyValue.buffer,
                queryKeyValue.attentionShape(heads: sizes.heads))
        }
    }

    /// The weights that each head gave in the last step, of the first text.
    ///
    /// Shape: (heads, characters up to `position`)
    package func lastWeights(position: Int) -> [[Float]] {
        (0..<sizes.heads).map { head in (0...position).map { weights[head * sizes.time + $0] } }
    }
}

extension Linear {
    fileprivate var step: LinearStep {
        let (inputs, outputs) = weight.shape2
        return LinearStep(Matrix(weight.buffer, rows: inputs, columns: outputs), bias: bias?.buffer)
    }
}

extension LayerNorm {
    /// The layer at work on one new character of each text.
    package var step: NormStep { NormStep(weight: weight.buffer, bias: bias?.buffer) }
}
