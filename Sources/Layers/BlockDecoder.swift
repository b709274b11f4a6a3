import Autograd
import Kernels

/// A ``TransformerBlock`` at work on one new character of each text, with the keys and values of those before it kept.
///
/// It forms the block's own sums in memory that was made once: with a tensor for each, the tensors would cost more than
/// the sums.
package struct BlockDecoder {
    /// The memory that a character passes through, the same for every block. Letters: N texts.
    package struct Workspace {
        /// Shape: (N, C)
        let narrow: Buffer
        /// Shape: (N, 3C)
        let queryKeyValue: Buffer
        /// Shape: (N, 4C)
        let wide: Buffer
        let scores: Buffer

        /// Memory for so many texts.
        package init(texts: Int, width: Int, heads: Int, context: Int) {
            narrow = Buffer(uninitialized: texts * width)
            queryKeyValue = Buffer(uninitialized: texts * 3 * width)
            wide = Buffer(uninitialized: texts * 4 * width)
            scores = Buffer(uninitialized: CachedAttention.scoreCount(texts: texts, heads: heads, capacity: context))
        }
    }

    private let block: TransformerBlock
    private let sizes: AttentionShape
    /// Shape: (N, context, 2C: key, value)
    private let cache: Buffer

    /// An empty memory for a block.
    package init(_ block: TransformerBlock, texts: Int, width: Int, context: Int) {
        self.block = block
        let heads = block.attention.heads
        sizes = AttentionShape(batch: texts, heads: heads, time: context, headWidth: width / heads)
        cache = Buffer(uninitialized: texts * context * 2 * width)
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

    /// Runs the block on one new character of each text, in place.
    ///
    /// Shape: `h` (N, C)
    ///
    /// - Parameters:
    ///   - h: The new characters.
    ///   - position: How many characters are kept so far.
    ///   - workspace: Memory to pass through.
    package func step(_ h: Buffer, position: Int, _ workspace: Workspace) {
        let (narrow, wide) = (workspace.narrow, workspace.wide)
        block.norm1.apply(h, into: narrow)
        block.attention.queryKeyValue.apply(narrow, into: workspace.queryKeyValue)
        CachedAttention.forward(
            workspace.queryKeyValue, sizes, cache: cache, position: position, scores: workspace.scores, output: narrow)
        block.attention.projection.apply(narrow, into: h, accumulate: true)
        block.norm2.apply(h, into: narrow)
        block.feedForward.up.apply(narrow, into: wide)
        GELUKernel.forward(wide, output: wide)
        block.feedForward.down.apply(wide, into: h, accumulate: true)
    }
}

extension BlockDecoder {
    /// The weights that each head gave in the last step, of the first text.
    ///
    /// Shape: (heads, characters up to `position`)
    package func lastWeights(_ workspace: Workspace, position: Int) -> [[Float]] {
        let scores = workspace.scores
        return (0..<sizes.heads).map { head in (0...position).map { scores[head * sizes.time + $0] } }
    }
}

extension Linear {
    /// The layer on plain memory: `y = x W + b`, or that added to `y`.
    fileprivate func apply(_ x: Buffer, into y: Buffer, accumulate: Bool = false) {
        let (inputs, outputs) = weight.shape2
        Matmul.multiply(
            Matrix(x, rows: x.count / inputs, columns: inputs),
            Matrix(weight.buffer, rows: inputs, columns: outputs),
            into: Matrix(y, rows: y.count / outputs, columns: outputs), accumulate: accumulate)
        if let bias { ElementwiseKernel.apply(.add, y, bias.buffer, output: y) }
    }
}

extension LayerNorm {
    /// The layer on plain memory.
    package func apply(_ x: Buffer, into y: Buffer) {
        LayerNormKernel.forward(x, weight: weight.buffer, bias: bias?.buffer, output: y)
    }
}
