import CPUSupport
import Foundation

/// The sizes of a causal multi-head self-attention.
package struct AttentionShape: Equatable, Sendable {
    /// Texts, heads, characters in each text, channels of each head.
    package let batch: Int, heads: Int, time: Int, headWidth: Int

    /// Creates the sizes.
    package init(batch: Int, heads: Int, time: Int, headWidth: Int) {
        self.batch = batch
        self.heads = heads
        self.time = time
        self.headWidth = headWidth
    }

    /// Channels of all heads together.
    package var channels: Int { heads * headWidth }
}

/// Causal multi-head attention (Vaswani et al. 2017, section 3.2.1) that never holds the T x T weights in memory.
///
/// Each (text, head) is one piece of work. A few queries at a time meet all keys up to their own position: their scores
/// stay in the first-level cache, become weights there and are multiplied into the values. Of the weights only the
/// logarithm of each row's sum is kept, from which the backward pass makes them again (Dao et al. 2022, section 3.1).
package enum AttentionKernel {
    /// Queries that are worked on together, in registers.
    static var tileQueries: Int { tileRows >= 8 ? 8 : 4 }

    /// Computes the output of all heads, side by side.
    ///
    /// Shape: `queryKeyValue` (batch, time, 3 x channels: query, key, value) -> `output` (batch, time, channels),
    /// `logSums` (batch, heads, time), `weights` (batch, heads, time, time)
    ///
    /// - Parameters:
    ///   - queryKeyValue: Queries, keys and values of every position.
    ///   - shape: The sizes.
    ///   - mask: What to drop of the weights.
    ///   - output: The weighted values.
    ///   - logSums: The logarithm of the sum of the exponentials of each query's scores, for the backward pass.
    ///   - weights: Where the weights go if somebody wants to see them, before dropout.
    package static func forward(
        _ queryKeyValue: Buffer, _ shape: AttentionShape, mask: DropoutMask? = nil,
        output: Buffer, logSums: Buffer, weights: Buffer? = nil
    ) {
        let (input, output, logSums) = (UnsafePointer(queryKeyValue.pointer), output.pointer, logSums.pointer)
        let weights = weights?.pointer
        let scratch = forwardScratch(AttentionHead(shape, 0, input))
        Parallel.forEach(shape.batch * shape.heads, scratch: scratch) { index, scratch in
            let head = AttentionHead(shape, index, input)
            forwardHead(
                head, scratch, mask: mask?.part(index), output: output + head.outputOffset,
                logSums: logSums + index * shape.time,
                weights: weights.map { $0 + index * shape.time * shape.time })
        }
    }

    private static func forwardScratch(_ head: AttentionHead) -> Int {
        (head.time + 2 * tileQueries) * head.paddedWidth + (head.width + tileQueries) * head.paddedTime
    }

    private static func forwardHead(
        _ head: AttentionHead, _ scratch: UnsafeMutablePointer<Float>, mask: DropoutMask?,
        output: UnsafeMutablePointer<Float>, logSums: UnsafeMutablePointer<Float>, weights: UnsafeMutablePointer<Float>?
    ) {
        let keys = scratch  // (width, paddedTime)
        let values = keys + head.width * head.paddedTime  // (time, paddedWidth)
        let queries = values + head.time * head.paddedWidth  // (tileQueries, paddedWidth)
        let scores = queries + tileQueries * head.paddedWidth  // (tileQueries, paddedTime)
        let sums = scores + tileQueries * head.paddedTime  // (tileQueries, paddedWidth)
        head.copyTransposed(head.key, to: keys)
        head.copyRows(head.value, rows: 0..<head.time, stride: head.stride, scale: 1, to: values)

        forEachStep(0..<head.time, by: tileQueries) { first in
            let rows = first..<min(head.time, first + tileQueries)
            head.copyRows(head.query, rows: rows, stride: head.stride, scale: head.scale, to: queries)
            scoreTile(queries, keys, head, upTo: rows.upperBound, into: scores)
            var inverses = InlineArray<8, Float>(repeating: 0)
            for (row, query) in rows.enumerated() {
                let line = scores + row * head.paddedTime
                let (largest, sum) = exponentiate(line, count: query + 1, upTo: rows.upperBound)
                inverses[row] = 1 / sum
                logSums[query] = largest + log(sum)
                if let weights { copyWeights(line, by: 1 / sum, query, head.time, into: weights) }
                if let mask { drop(mask, line, query: query, time: head.time) }
            }
            forEachStep(0..<head.paddedWidth, by: tileColumns) { column in
                multiplyTile(
                    rows: tileQueries, depth: rows.upperBound, a: scores, rowStride: head.paddedTime,
                    depthStride: 1, b: values + column, depthStride: head.paddedWidth,
                    into: sums + column, rowStride: head.paddedWidth)
            }
            for (row, query) in rows.enumerated() {
                scaleRow(
                    sums + row * head.paddedWidth, by: inverses[row], head.width,
                    into: output + query * head.outputStride)
            }
        }
    }

    /// Scores of a tile of queries and all keys below `limit`, rounded up to whole tiles.
    @inline(__always)
    static func scoreTile(
        _ rows: UnsafePointer<Float>, _ columns: UnsafePointer<Float>, _ head: AttentionHead, upTo limit: Int,
        into scores: UnsafeMutablePointer<Float>
    ) {
        forEachStep(0..<limit, by: tileColumns) { key in
            multiplyTile(
                rows: tileQueries, depth: head.width, a: rows, rowStride: head.paddedWidth, depthStride: 1,
                b: columns + key, depthStride: head.paddedTime,
                into: scores + key, rowStride: head.paddedTime)
        }
    }

    /// Turns the first `count` scores into exponentials, less the largest score, and the others below `limit` into 0.
    @inline(__always)
    static func exponentiate(
        _ line: UnsafeMutablePointer<Float>, count: Int, upTo limit: Int
    ) -> (largest: Float, sum: Float) {
        var maxima = Vector(repeating: -.infinity)
        forEachStep(0..<limit, by: vectorWidth) { key in
            maxima = maxima.maximum(visible(line, key, count: count))
        }
        let largest = maxima.largest
        var sums = Vector()
        forEachStep(0..<limit, by: vectorWidth) { key in
            let weight = exponential(visible(line, key, count: count) - Vector(repeating: largest))
            weight.store(to: line + key)
            sums += weight
        }
        return (largest, sums.total)
    }

    /// A register of scores from `key` on, of which those after the first `count` of the line are -infinity.
    ///
    /// They are hidden in the register: a load of what was stored in smaller pieces just before would wait for them.
    @inline(__always)
    static func visible(_ line: UnsafePointer<Float>, _ key: Int, count: Int) -> Vector {
        let isFuture = (Vector.laneNumbers &+ BitVector(repeating: UInt32(key))) .>= BitVector(repeating: UInt32(count))
        return Vector(at: line + key).replacing(with: -.infinity, where: isFuture)
    }

    /// Applies dropout to the weights of one query.
    @inline(__always)
    private static func drop(_ mask: DropoutMask, _ line: UnsafeMutablePointer<Float>, query: Int, time: Int) {
        forEachStep(0..<query + 1, by: vectorWidth) { key in
            (Vector(at: line + key) * mask.factors(from: query * time + key)).store(to: line + key)
        }
    }

    /// Writes one row of the matrix of weights.
    private static func copyWeights(
        _ line: UnsafePointer<Float>, by scale: Float, _ query: Int, _ time: Int,
        into weights: UnsafeMutablePointer<Float>
    ) {
        let row = weights + query * time
        scaleRow(line, by: scale, query + 1, into: row)
        (row + query + 1).update(repeating: 0, count: time - query - 1)
    }

    /// Copies `count` elements, multiplied by `scale`. Reads to the end of the last register.
    @inline(__always)
    static func scaleRow(
        _ source: UnsafePointer<Float>, by scale: Float, _ count: Int, into target: UnsafeMutablePointer<Float>
    ) {
        forEachVector(count) { channel, lanes in
            (Vector(at: source + channel) * Vector(repeating: scale)).store(to: target + channel, lanes: lanes)
        }
    }
}
