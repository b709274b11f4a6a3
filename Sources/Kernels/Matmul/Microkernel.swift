import CPUSupport

/// Columns of the register tile: of the block of the product that ``microkernel`` keeps in registers.
let tileColumns = tileVectors * vectorWidth

/// The microkernel: a register tile of the product, `rows` x ``tileColumns``, plus an addend, which may be `c` itself.
///
/// Each iteration over the depth k is a rank-1 update: it loads one row of B's micro-panel into registers and multiplies it by
/// one broadcast element of A per row of the tile. On AVX-512 that is two fused multiply-adds per load into 24 independent
/// accumulators, enough to keep both of the CPU's multiply-add units busy through their latency of four cycles. The lines of
/// `c` arrive meanwhile: no hardware prefetcher knows of them, and waiting for them at the end took 10 to 20% of a large
/// product on a Zen 3. Callers give `rows` and, where they can, the strides of A as literals. Every loop over the accumulators
/// must unroll, or they go to memory in every iteration.
@inline(__always)
func microkernel(
    rows: Int, depth: Int,
    a: UnsafePointer<Float>, rowStride aRowStride: Int, depthStride aDepthStride: Int,
    b: UnsafePointer<Float>, depthStride bDepthStride: Int,
    into c: UnsafeMutablePointer<Float>, rowStride cRowStride: Int,
    plus addend: UnsafePointer<Float>? = nil, rowStride addendRowStride: Int = 0
) {
    var accumulators = InlineArray<24, Vector> { _ in Vector() }
    for row in 0..<rows {
        prefetchForWriting(c + row * cRowStride)
        prefetchForWriting(c + row * cRowStride + tileColumns - 1)
    }
    var (a, b) = (a, b)
    for _ in 0..<depth {
        var columns = InlineArray<3, Vector>(repeating: Vector())
        for vector in 0..<tileVectors { columns[vector] = Vector(at: b + vector * vectorWidth) }
        var element = a
        for row in 0..<rows {
            let broadcast = Vector(repeating: element[0])
            element += aRowStride
            for vector in 0..<tileVectors {
                let index = row * tileVectors + vector
                accumulators[index] = accumulators[index].adding(product: broadcast, columns[vector])
            }
        }
        a += aDepthStride
        b += bDepthStride
    }
    var target = c
    if var addend {
        for row in 0..<rows {
            for vector in 0..<tileVectors {
                (Vector(at: addend + vector * vectorWidth) + accumulators[row * tileVectors + vector])
                    .store(to: target + vector * vectorWidth)
            }
            target += cRowStride
            addend += addendRowStride
        }
    } else {
        for row in 0..<rows {
            for vector in 0..<tileVectors {
                accumulators[row * tileVectors + vector].store(to: target + vector * vectorWidth)
            }
            target += cRowStride
        }
    }
}
