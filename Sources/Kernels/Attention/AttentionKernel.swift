import CPUSupport
import Foundation

/// Causal multi-head attention (Vaswani et al. 2017, section 3.2.1) that never holds the T x T weights in memory.
///
/// Each (text, head) is an index of the parallel-for. A tile of queries is multiplied by all keys up to its last position;
/// the scores stay in the first-level cache, become weights there and are multiplied by the values. Of the weights only the
/// logarithm of each row's sum is saved, from which the backward pass recomputes them (Dao et al. 2022, section 3.1).
package enum AttentionKernel {
    /// Queries of a register tile.
    static var tileQueries: Int { tileRows >= 8 ? 8 : 4 }

    /// Computes the outputs of all heads, side by side: softmax(Q K^T / sqrt(D)) V, positions after the query masked.
    ///
    /// Shape: `queryKeyValue` (B, T, 3C: query, key, value) -> `output` (B, T, C),
    /// `logSums` (B, H, T), `weights` (B, H, T, T)
    ///
    /// - Parameters:
    ///   - queryKeyValue: Queries, keys and values of every position.
    ///   - shape: B, H, T and D.
    ///   - mask: Dropout of the weights.
    ///   - output: The head outputs.
    ///   - logSums: The logarithm of the sum of the exponentials of each query's scores, for the backward pass.
    ///   - weights: The weights before dropout, if given, for inspection.
    package static func forward(
        _ queryKeyValue: Buffer, _ shape: AttentionShape, mask: DropoutMask? = nil,
        output: Buffer, logSums: Buffer, weights: Buffer? = nil
    ) {
        require(
            queryKeyValue.count == 3 * shape.outputCount && output.count == shape.outputCount
                && logSums.count == shape.rowCount && (weights.map { $0.count == shape.rowCount * shape.time } ?? true),
            "attention of \(shape): \(queryKeyValue.count) floats into \(output.count), \(logSums.count) sums")
        let (input, output, logSums) = (UnsafePointer(queryKeyValue.pointer), output.pointer, logSums.pointer)
        let weights = weights?.pointer
        let floats = ForwardWorkspace(AttentionHead(shape, 0, input), .placeholder).count
        Parallel.forEach(shape.batch * shape.heads, workspace: floats) { index, memory in
            let head = AttentionHead(shape, index, input)
            forwardHead(
                head, ForwardWorkspace(head, memory), mask: mask?.part(index), output: output + head.outputOffset,
                logSums: logSums + index * shape.time,
                weights: weights.map { $0 + index * shape.time * shape.time })
        }
    }

    /// What the forward pass of one head works in.
    private struct ForwardWorkspace {
        /// Shape: (D, paddedTime) and (T, paddedHeadWidth)
        let keysTransposed: UnsafeMutablePointer<Float>, values: UnsafeMutablePointer<Float>
        /// Shape: (tileQueries, paddedHeadWidth), the queries already scaled
        let queries: UnsafeMutablePointer<Float>, outputs: UnsafeMutablePointer<Float>
        /// Shape: (tileQueries, paddedTime)
        let scores: UnsafeMutablePointer<Float>
        /// Floats of all.
        let count: Int

        init(_ head: AttentionHead, _ memory: UnsafeMutablePointer<Float>) {
            var layout = WorkspaceLayout()
            keysTransposed = memory + layout.take(head.headWidth * head.paddedTime)
            values = memory + layout.take(head.time * head.paddedHeadWidth)
            queries = memory + layout.take(tileQueries * head.paddedHeadWidth)
            scores = memory + layout.take(tileQueries * head.paddedTime)
            outputs = memory + layout.take(tileQueries * head.paddedHeadWidth)
            count = layout.count
        }
    }

    private static func forwardHead(
        _ head: AttentionHead, _ workspace: ForwardWorkspace, mask: DropoutMask?,
        output: UnsafeMutablePointer<Float>, logSums: UnsafeMutablePointer<Float>, weights: UnsafeMutablePointer<Float>?
    ) {
        let scores = workspace.scores
        head.packTransposed(head.key, to: workspace.keysTransposed)
        head.packRows(head.value, rows: 0..<head.time, stride: head.stride, scale: 1, to: workspace.values)

        forEachStep(0..<head.time, by: tileQueries) { first in
            let rows = first..<min(head.time, first + tileQueries)
            head.packRows(head.query, rows: rows, stride: head.stride, scale: head.scale, to: workspace.queries)
            scoreTile(workspace.queries, workspace.keysTransposed, head, upTo: rows.upperBound, into: scores)
            var inverses = InlineArray<8, Float>(repeating: 0)
            for (row, query) in rows.enumerated() {
                let scoreRow = scores + row * head.paddedTime
                let (largest, sum) = exponentiate(scoreRow, count: query + 1, upTo: rows.upperBound)
                inverses[row] = 1 / sum
                logSums[query] = largest + log(sum)
                if let weights { copyWeights(scoreRow, by: 1 / sum, query, head.time, into: weights) }
                if let mask { drop(mask, scoreRow, query: query, time: head.time) }
            }
            forEachStep(0..<head.paddedHeadWidth, by: tileColumns) { column in
                microkernel(
                    rows: tileQueries, depth: rows.upperBound, a: scores, rowStride: head.paddedTime,
                    depthStride: 1, b: workspace.values + column, depthStride: head.paddedHeadWidth,
                    into: workspace.outputs + column, rowStride: head.paddedHeadWidth)
            }
            for (row, query) in rows.enumerated() {
                scaleRow(
                    workspace.outputs + row * head.paddedHeadWidth, by: inverses[row], head.headWidth,
                    into: output + query * head.outputStride)
            }
        }
    }

    /// Computes the scores of a tile of queries with all keys below `limit`, rounded up to whole tiles.
    @inline(__always)
    static func scoreTile(
        _ rows: UnsafePointer<Float>, _ columns: UnsafePointer<Float>, _ head: AttentionHead, upTo limit: Int,
        into scores: UnsafeMutablePointer<Float>
    ) {
        forEachStep(0..<limit, by: tileColumns) { key in
            microkernel(
                rows: tileQueries, depth: head.headWidth, a: rows, rowStride: head.paddedHeadWidth, depthStride: 1,
                b: columns + key, depthStride: head.paddedTime,
                into: scores + key, rowStride: head.paddedTime)
        }
    }

    /// Replaces the first `count` scores by exp(score - largest score) and the others below `limit` by 0.
    @inline(__always)
    static func exponentiate(
        _ scoreRow: UnsafeMutablePointer<Float>, count: Int, upTo limit: Int
    ) -> (largest: Float, sum: Float) {
        var maxima = Vector(repeating: -.infinity)
        forEachStep(0..<limit, by: vectorWidth) { key in
            maxima = maxima.maximum(masked(scoreRow, key, count: count))
        }
        let largest = maxima.largest
        var sums = Vector()
        forEachStep(0..<limit, by: vectorWidth) { key in
            let weight = exponential(masked(scoreRow, key, count: count) - Vector(repeating: largest))
            weight.store(to: scoreRow + key)
            sums += weight
        }
        return (largest, sums.total)
    }

    /// The causal mask: a register of scores from `key` on, those after the first `count` of the row being -infinity.
    ///
    /// Applied in the register, because a vector load right after narrower stores to the same place has to wait for them (a
    /// store-forwarding stall): a quarter of the forward pass.
    @inline(__always)
    static func masked(_ scoreRow: UnsafePointer<Float>, _ key: Int, count: Int) -> Vector {
        let isMasked = (Vector.laneNumbers &+ BitVector(repeating: UInt32(key))) .>= BitVector(repeating: UInt32(count))
        return Vector(at: scoreRow + key).replacing(with: -.infinity, where: isMasked)
    }

    /// Applies dropout to the weights of one query.
    @inline(__always)
    private static func drop(_ mask: DropoutMask, _ scoreRow: UnsafeMutablePointer<Float>, query: Int, time: Int) {
        forEachStep(0..<query + 1, by: vectorWidth) { key in
            (Vector(at: scoreRow + key) * mask.factors(from: query * time + key)).store(to: scoreRow + key)
        }
    }

    /// Writes one row of the matrix of weights.
    private static func copyWeights(
        _ scoreRow: UnsafePointer<Float>, by scale: Float, _ query: Int, _ time: Int,
        into weights: UnsafeMutablePointer<Float>
    ) {
        let row = weights + query * time
        scaleRow(scoreRow, by: scale, query + 1, into: row)
        (row + query + 1).update(repeating: 0, count: time - query - 1)
    }

    /// Computes `target = scale * source` for `count` elements; reads to the end of the last register.
    @inline(__always)
    static func scaleRow(
        _ source: UnsafePointer<Float>, by scale: Float, _ count: Int, into target: UnsafeMutablePointer<Float>
    ) {
        forEachVector(count) { channel, lanes in
            (Vector(at: source + channel) * Vector(repeating: scale)).store(to: target + channel, lanes: lanes)
        }
    }
}
