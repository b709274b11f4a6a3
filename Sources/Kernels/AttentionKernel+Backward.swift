import CPUSupport

extension AttentionKernel {
    /// Queries whose weights are held together: the depth of the products that add to the keys' and values' gradients.
    private static var blockQueries: Int { 32 }

    /// Computes the gradients of queries, keys and values from that of the output.
    ///
    /// With weights P made again from the scores and `logSums`, and dropout's factors M:
    /// dV = (P M)^T dO, dP = (dO V^T) M, dS = P (dP - rowsum(dO O)), dQ = dS K / sqrt(w), dK = dS^T Q / sqrt(w)
    /// (Dao et al. 2022, appendix B.2).
    ///
    /// Shape: (batch, time, channels) -> (batch, time, 3 x channels)
    package static func backward(
        _ queryKeyValue: Buffer, _ shape: AttentionShape, mask: DropoutMask? = nil,
        output: Buffer, logSums: Buffer, outputGradient: Buffer, gradient: Buffer
    ) {
        let (input, output, logSums) = (UnsafePointer(queryKeyValue.pointer), output.pointer, logSums.pointer)
        let (outputGradient, gradient) = (outputGradient.pointer, gradient.pointer)
        let size = BackwardScratch.size(AttentionHead(shape, 0, input), blockQueries)
        Parallel.forEach(shape.batch * shape.heads, scratch: size) { index, memory in
            let head = AttentionHead(shape, index, input)
            backwardHead(
                head, BackwardScratch(head, blockQueries, memory), mask: mask?.part(index),
                output: output + head.outputOffset,
                logSums: logSums + index * shape.time,
                outputGradient: outputGradient + head.outputOffset,
                queryGradient: gradient + head.inputOffset, channels: shape.channels)
        }
    }

    private static func backwardHead(
        _ head: AttentionHead, _ scratch: BackwardScratch, mask: DropoutMask?,
        output: UnsafePointer<Float>, logSums: UnsafePointer<Float>,
        outputGradient: UnsafePointer<Float>, queryGradient: UnsafeMutablePointer<Float>, channels: Int
    ) {
        head.copyTransposed(head.key, to: scratch.keysTransposed)
        head.copyTransposed(head.value, to: scratch.valuesTransposed)
        head.copyRows(head.key, rows: 0..<head.time, stride: head.stride, scale: 1, to: scratch.keys)

        forEachStep(0..<head.time, by: blockQueries) { first in
            let rows = first..<min(head.time, first + blockQueries)
            let limit = rows.upperBound
            if rows.count < blockQueries {
                scratch.queries.update(repeating: 0, count: 2 * blockQueries * head.paddedWidth)
            }
            head.copyRows(head.query, rows: rows, stride: head.stride, scale: head.scale, to: scratch.queries)
            head.copyRows(
                outputGradient, rows: rows, stride: head.outputStride, scale: 1, to: scratch.outputGradients)

            forEachStep(0..<rows.count, by: tileQueries) { tile in
                let weights = scratch.weights + tile * head.paddedTime
                let scoreGradients = scratch.scoreGradients + tile * head.paddedTime
                scoreTile(
                    scratch.queries + tile * head.paddedWidth, scratch.keysTransposed, head, upTo: limit,
                    into: weights)
                scoreTile(
                    scratch.outputGradients + tile * head.paddedWidth, scratch.valuesTransposed, head, upTo: limit,
                    into: scoreGradients)
                for row in 0..<tileQueries {
                    let query = first + tile + row
                    let isQuery = query < head.time
                    differentiateRow(
                        weights + row * head.paddedTime, scoreGradients + row * head.paddedTime,
                        count: isQuery ? query + 1 : 0, upTo: limit, logSum: isQuery ? logSums[query] : 0,
                        meanGradient: isQuery ? dot(output, outputGradient, query, head) : 0,
                        mask: mask, query: query, time: head.time)
                }
                let queries = first + tile..<min(limit, first + tile + tileQueries)
                multiplyIntoQueries(scoreGradients, scratch, head, rows: queries, into: queryGradient)
            }
            // The tiles above have written all of their rows, and no others: the sums end with them. Queries of this block
            // that come before the key do not see it and are left out. The block that the key is in is the first to give
            // it a gradient.
            let depth = (rows.count + tileQueries - 1) / tileQueries * tileQueries
            forEachStep(0..<limit, by: tileQueries) { key in
                let blind = max(0, key - first)
                let seen = blind * head.paddedTime + key
                forEachStep(0..<head.paddedWidth, by: tileColumns) { column in
                    let (source, target) = (blind * head.paddedWidth + column, key * head.paddedWidth + column)
                    let (ofKeys, ofValues) = (scratch.keyGradients + target, scratch.valueGradients + target)
                    multiplyColumns(
                        scratch.scoreGradients + seen, scratch.queries + source, depth: depth - blind, head,
                        into: ofKeys, plus: key < first ? ofKeys : nil)
                    multiplyColumns(
                        scratch.weights + seen, scratch.outputGradients + source, depth: depth - blind, head,
                        into: ofValues, plus: key < first ? ofValues : nil)
                }
            }
        }
        for position in 0..<head.time {
            let target = queryGradient + position * head.stride
            scaleRow(scratch.keyGradients + position * head.paddedWidth, by: 1, head.width, into: target + channels)
            scaleRow(
                scratch.valueGradients + position * head.paddedWidth, by: 1, head.width, into: target + 2 * channels
            )
        }
    }

    /// Turns one query's scores into weights after dropout, and the gradients of its weights into those of its scores.
    @inline(__always)
    private static func differentiateRow(
        _ scores: UnsafeMutablePointer<Float>, _ gradients: UnsafeMutablePointer<Float>, count: Int, upTo limit: Int,
        logSum: Float, meanGradient: Float, mask: DropoutMask?, query: Int, time: Int
    ) {
        let (shift, mean) = (Vector(repeating: logSum), Vector(repeating: meanGradient))
        forEachStep(0..<limit, by: vectorWidth) { key in
            let weight = exponential(visible(scores, key, count: count) - shift)
            var (dropped, gradient) = (weight, Vector(at: gradients + key))
            if let mask {
                let factors = mask.factors(from: query * time + key)
                dropped *= factors
                gradient *= factors
            }
            dropped.store(to: scores + key)
            (weight * (gradient - mean)).store(to: gradients + key)
        }
    }

    /// The sum over keys of weight times weight gradient, which is that of output times output gradient.
    @inline(__always)
    private static func dot(
        _ output: UnsafePointer<Float>, _ gradient: UnsafePointer<Float>, _ query: Int, _ head: AttentionHead
    ) -> Float {
        let (a, b) = (output + query * head.outputStride, gradient + query * head.outputStride)
        var sums = Vector()
        forEachVector(head.width) { channel, lanes in
            sums = sums.adding(product: Vector(at: a + channel, lanes: lanes), Vector(at: b + channel, lanes: lanes))
        }
        return sums.total
    }

    /// dQ = dS K / sqrt(width) for a tile of queries.
    @inline(__always)
    private static func multiplyIntoQueries(
        _ scoreGradients: UnsafePointer<Float>, _ scratch: BackwardScratch, _ head: AttentionHead,
        rows: Range<Int>, into queryGradient: UnsafeMutablePointer<Float>
    ) {
        // Keys after the last of the queries weigh nothing.
        forEachStep(0..<head.paddedWidth, by: tileColumns) { column in
            multiplyTile(
                rows: tileQueries, depth: rows.upperBound, a: scoreGradients, rowStride: head.paddedTime,
                depthStride: 1, b: scratch.keys + column, depthStride: head.paddedWidth,
                into: scratch.sums + column, rowStride: head.paddedWidth)
        }
        for (row, query) in rows.enumerated() {
            scaleRow(
                scratch.sums + row * head.paddedWidth, by: head.scale, head.width,
                into: queryGradient + query * head.stride)
        }
    }

    /// The product of a tile of keys' columns, transposed, and a block of queries' rows, plus an addend.
    @inline(__always)
    private static func multiplyColumns(
        _ columns: UnsafePointer<Float>, _ rows: UnsafePointer<Float>, depth: Int, _ head: AttentionHead,
        into sums: UnsafeMutablePointer<Float>, plus addend: UnsafePointer<Float>?
    ) {
        multiplyTile(
            rows: tileQueries, depth: depth, a: columns, rowStride: 1, depthStride: head.paddedTime,
            b: rows, depthStride: head.paddedWidth, into: sums, rowStride: head.paddedWidth,
            plus: addend, rowStride: head.paddedWidth)
    }
}

/// The working memory of one head's backward pass: a few hundred kilobytes that stay in the second-level cache.
private struct BackwardScratch {
    /// Shape: (width, paddedTime)
    let keysTransposed: UnsafeMutablePointer<Float>, valuesTransposed: UnsafeMutablePointer<Float>
    /// Shape: (paddedTime, paddedWidth)
    let keys: UnsafeMutablePointer<Float>
    let keyGradients: UnsafeMutablePointer<Float>, valueGradients: UnsafeMutablePointer<Float>
    /// Shape: (block, paddedWidth), the queries already scaled
    let queries: UnsafeMutablePointer<Float>, outputGradients: UnsafeMutablePointer<Float>
    let sums: UnsafeMutablePointer<Float>
    /// Shape: (block, paddedTime)
    let weights: UnsafeMutablePointer<Float>, scoreGradients: UnsafeMutablePointer<Float>

    static func size(_ head: AttentionHead, _ blockQueries: Int) -> Int {
        2 * head.width * head.paddedTime + 3 * head.paddedTime * head.paddedWidth
            + blockQueries * (3 * head.paddedWidth + 2 * head.paddedTime)
    }

    init(_ head: AttentionHead, _ blockQueries: Int, _ memory: UnsafeMutablePointer<Float>) {
        let transposed = head.width * head.paddedTime
        let rows = head.paddedTime * head.paddedWidth
        let block = blockQueries * head.paddedWidth
        keysTransposed = memory
        valuesTransposed = keysTransposed + transposed
        keys = valuesTransposed + transposed
        keyGradients = keys + rows
        valueGradients = keyGradients + rows
        queries = valueGradients + rows
        outputGradients = queries + block
        sums = outputGradients + block
        weights = sums + block
        scoreGradients = weights + blockQueries * head.paddedTime
    }
}
