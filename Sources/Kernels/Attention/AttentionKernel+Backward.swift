import CPUSupport

extension AttentionKernel {
    /// Queries of a block: the depth of the products that add to the gradients of keys and values.
    private static var blockQueries: Int { 32 }

    /// Computes the gradients of queries, keys and values from that of the output.
    ///
    /// With weights P recomputed from the scores and `logSums`, and dropout's factors M:
    /// dV = (P M)^T dO, dP = (dO V^T) M, dS = P (dP - rowsum(dO O)), dQ = dS K / sqrt(D), dK = dS^T Q / sqrt(D)
    /// (Dao et al. 2022, appendix B.2).
    ///
    /// Shape: (B, T, C) -> (B, T, 3C)
    package static func backward(
        _ queryKeyValue: Buffer, _ shape: AttentionShape, mask: DropoutMask? = nil,
        output: Buffer, logSums: Buffer, outputGradient: Buffer, gradient: Buffer
    ) {
        require(
            queryKeyValue.count == 3 * shape.outputCount && gradient.count == queryKeyValue.count
                && output.count == shape.outputCount && outputGradient.count == output.count
                && logSums.count == shape.rowCount,
            "attention of \(shape): \(outputGradient.count) gradients into \(gradient.count)")
        let (input, output, logSums) = (UnsafePointer(queryKeyValue.pointer), output.pointer, logSums.pointer)
        let (outputGradient, gradient) = (outputGradient.pointer, gradient.pointer)
        let floats = BackwardWorkspace(AttentionHead(shape, 0, input), blockQueries, .placeholder).count
        Parallel.forEach(shape.batch * shape.heads, workspace: floats) { index, memory in
            let head = AttentionHead(shape, index, input)
            backwardHead(
                head, BackwardWorkspace(head, blockQueries, memory), mask: mask?.part(index),
                output: output + head.outputOffset,
                logSums: logSums + index * shape.time,
                outputGradient: outputGradient + head.outputOffset,
                queryGradient: gradient + head.inputOffset, width: shape.width)
        }
    }

    private static func backwardHead(
        _ head: AttentionHead, _ workspace: BackwardWorkspace, mask: DropoutMask?,
        output: UnsafePointer<Float>, logSums: UnsafePointer<Float>,
        outputGradient: UnsafePointer<Float>, queryGradient: UnsafeMutablePointer<Float>, width: Int
    ) {
        head.packTransposed(head.key, to: workspace.keysTransposed)
        head.packTransposed(head.value, to: workspace.valuesTransposed)
        head.packRows(head.key, rows: 0..<head.time, stride: head.stride, scale: 1, to: workspace.keys)

        forEachStep(0..<head.time, by: blockQueries) { first in
            let rows = first..<min(head.time, first + blockQueries)
            let limit = rows.upperBound
            if rows.count < blockQueries {
                for rows in [workspace.queries, workspace.outputGradients] {
                    rows.update(repeating: 0, count: blockQueries * head.paddedHeadWidth)
                }
            }
            head.packRows(head.query, rows: rows, stride: head.stride, scale: head.scale, to: workspace.queries)
            head.packRows(
                outputGradient, rows: rows, stride: head.outputStride, scale: 1, to: workspace.outputGradients)

            forEachStep(0..<rows.count, by: tileQueries) { tile in
                let weights = workspace.weights + tile * head.paddedTime
                let scoreGradients = workspace.scoreGradients + tile * head.paddedTime
                scoreTile(
                    workspace.queries + tile * head.paddedHeadWidth, workspace.keysTransposed, head, upTo: limit,
                    into: weights)
                scoreTile(
                    workspace.outputGradients + tile * head.paddedHeadWidth, workspace.valuesTransposed, head,
                    upTo: limit,
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
                multiplyIntoQueries(scoreGradients, workspace, head, rows: queries, into: queryGradient)
            }
            // The tiles above have written all of their rows and no others, so the sums over queries end with them. Queries
            // of this block before the key are masked and left out. The first block to contribute to a key's gradient is
            // the one that the key is in.
            let depth = (rows.count + tileQueries - 1) / tileQueries * tileQueries
            forEachStep(0..<limit, by: tileQueries) { key in
                let masked = max(0, key - first)
                let visible = masked * head.paddedTime + key
                forEachStep(0..<head.paddedHeadWidth, by: tileColumns) { column in
                    let (source, target) = (masked * head.paddedHeadWidth + column, key * head.paddedHeadWidth + column)
                    let (ofKeys, ofValues) = (workspace.keyGradients + target, workspace.valueGradients + target)
                    multiplyColumns(
                        workspace.scoreGradients + visible, workspace.queries + source, depth: depth - masked, head,
                        into: ofKeys, plus: key < first ? ofKeys : nil)
                    multiplyColumns(
                        workspace.weights + visible, workspace.outputGradients + source, depth: depth - masked, head,
                        into: ofValues, plus: key < first ? ofValues : nil)
                }
            }
        }
        for position in 0..<head.time {
            let target = queryGradient + position * head.stride
            scaleRow(
                workspace.keyGradients + position * head.paddedHeadWidth, by: 1, head.headWidth, into: target + width)
            scaleRow(
                workspace.valueGradients + position * head.paddedHeadWidth, by: 1, head.headWidth,
                into: target + 2 * width
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
            let weight = exponential(masked(scores, key, count: count) - shift)
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
        forEachVector(head.headWidth) { channel, lanes in
            sums = sums.adding(product: Vector(at: a + channel, lanes: lanes), Vector(at: b + channel, lanes: lanes))
        }
        return sums.total
    }

    /// dQ = dS K / sqrt(D) for a tile of queries.
    @inline(__always)
    private static func multiplyIntoQueries(
        _ scoreGradients: UnsafePointer<Float>, _ workspace: BackwardWorkspace, _ head: AttentionHead,
        rows: Range<Int>, into queryGradient: UnsafeMutablePointer<Float>
    ) {
        // Keys after the last of the queries weigh nothing.
        forEachStep(0..<head.paddedHeadWidth, by: tileColumns) { column in
            microkernel(
                rows: tileQueries, depth: rows.upperBound, a: scoreGradients, rowStride: head.paddedTime,
                depthStride: 1, b: workspace.keys + column, depthStride: head.paddedHeadWidth,
                into: workspace.products + column, rowStride: head.paddedHeadWidth)
        }
        for (row, query) in rows.enumerated() {
            scaleRow(
                workspace.products + row * head.paddedHeadWidth, by: head.scale, head.headWidth,
                into: queryGradient + query * head.stride)
        }
    }

    /// The product of a tile of keys' columns, transposed, and a block of queries' rows, plus an addend.
    @inline(__always)
    private static func multiplyColumns(
        _ columns: UnsafePointer<Float>, _ rows: UnsafePointer<Float>, depth: Int, _ head: AttentionHead,
        into sums: UnsafeMutablePointer<Float>, plus addend: UnsafePointer<Float>?
    ) {
        microkernel(
            rows: tileQueries, depth: depth, a: columns, rowStride: 1, depthStride: head.paddedTime,
            b: rows, depthStride: head.paddedHeadWidth, into: sums, rowStride: head.paddedHeadWidth,
            plus: addend, rowStride: head.paddedHeadWidth)
    }
}

/// What the backward pass of one head works in: a few hundred kilobytes that stay in the second-level cache.
private struct BackwardWorkspace {
    /// Shape: (D, paddedTime)
    let keysTransposed: UnsafeMutablePointer<Float>, valuesTransposed: UnsafeMutablePointer<Float>
    /// Shape: (paddedTime, paddedHeadWidth)
    let keys: UnsafeMutablePointer<Float>
    let keyGradients: UnsafeMutablePointer<Float>, valueGradients: UnsafeMutablePointer<Float>
    /// Shape: (block, paddedHeadWidth), the queries already scaled
    let queries: UnsafeMutablePointer<Float>, outputGradients: UnsafeMutablePointer<Float>
    let products: UnsafeMutablePointer<Float>
    /// Shape: (block, paddedTime)
    let weights: UnsafeMutablePointer<Float>, scoreGradients: UnsafeMutablePointer<Float>
    /// Floats of all.
    let count: Int

    init(_ head: AttentionHead, _ blockQueries: Int, _ memory: UnsafeMutablePointer<Float>) {
        let transposed = head.headWidth * head.paddedTime
        let rows = head.paddedTime * head.paddedHeadWidth
        let block = blockQueries * head.paddedHeadWidth
        var layout = WorkspaceLayout()
        keysTransposed = memory + layout.take(transposed)
        valuesTransposed = memory + layout.take(transposed)
        keys = memory + layout.take(rows)
        keyGradients = memory + layout.take(rows)
        valueGradients = memory + layout.take(rows)
        queries = memory + layout.take(block)
        outputGradients = memory + layout.take(block)
        products = memory + layout.take(block)
        weights = memory + layout.take(blockQueries * head.paddedTime)
        scoreGradients = memory + layout.take(blockQueries * head.paddedTime)
        count = layout.count
    }
}
