import Autograd
import Kernels

/// A ``TransformerBlock`` that keeps the keys and values of the characters it has read, so that one more of each text costs
/// one row.
package struct BlockDecoder {
    /// The block at work on one new character of each text.
    package let step: BlockStep
    private let block: TransformerBlock
    private let sizes: AttentionShape
    private let cache: KeyValueCache
    private let memory: Buffer

    /// An empty memory for a block.
    package init(_ block: TransformerBlock, _ sizes: AttentionShape) {
        (self.block, self.sizes) = (block, sizes)
        memory = Buffer(uninitialized: KeyValueCache.count(sizes))
        cache = KeyValueCache(sizes, memory)
        step = BlockStep(
            norm1: block.norm1.step, queryKeyValue: block.attention.queryKeyValue.step,
            projection: block.attention.projection.step, norm2: block.norm2.step, up: block.feedForward.up.step,
            down: block.feedForward.down.step, cache: cache)
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
            cache.fill(from: queryKeyValue.buffer, time: x.shape[1])
        }
    }

    /// The weights that each head gave in the last step, of the first text.
    ///
    /// Shape: (heads, characters up to `position`)
    package func lastWeights(position: Int) -> [[Float]] {
        (0..<sizes.heads).map { cache.lastWeights(text: 0, head: $0, count: position + 1) }
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
