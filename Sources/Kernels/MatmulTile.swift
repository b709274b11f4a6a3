import CPUSupport

/// Columns of the block of the product that ``multiplyTile`` keeps in registers.
let tileColumns = tileVectors * vectorWidth

/// The innermost kernel: a block of the product, `rows` x ``tileColumns``, formed in registers, plus an addend, which may be
/// `c` itself.
///
/// Every step along the depth loads one row of `b` into registers and multiplies it by one broadcast element of `a` per
/// row of the block: two multiply-adds for each load, in 24 independent sums on AVX-512, enough to keep both of the
/// CPU's multiply-add units busy. Calls give `rows` and what strides they can as literals. Every loop over the sums has to
/// unroll, or the sums go to memory in every step.
@inline(__always)
func multiplyTile(
    rows: Int, depth: Int,
    a: UnsafePointer<Float>, rowStride aRowStride: Int, depthStride aDepthStride: Int,
    b: UnsafePointer<Float>, depthStride bDepthStride: Int,
    into c: UnsafeMutablePointer<Float>, rowStride cRowStride: Int,
    plus addend: UnsafePointer<Float>? = nil, rowStride addendRowStride: Int = 0
) {
    var sums = InlineArray<24, Vector> { _ in Vector() }
    var (a, b) = (a, b)
    for _ in 0..<depth {
        var columns = InlineArray<3, Vector>(repeating: Vector())
        for vector in 0..<tileVectors { columns[vector] = Vector(at: b + vector * vectorWidth) }
        var line = a
        for row in 0..<rows {
            let element = Vector(repeating: line[0])
            line += aRowStride
            for vector in 0..<tileVectors {
                let index = row * tileVectors + vector
                sums[index] = sums[index].adding(product: element, columns[vector])
            }
        }
        a += aDepthStride
        b += bDepthStride
    }
    var target = c
    if var addend {
        for row in 0..<rows {
            for vector in 0..<tileVectors {
                (Vector(at: addend + vector * vectorWidth) + sums[row * tileVectors + vector])
                    .store(to: target + vector * vectorWidth)
            }
            target += cRowStride
            addend += addendRowStride
        }
    } else {
        for row in 0..<rows {
            for vector in 0..<tileVectors { sums[row * tileVectors + vector].store(to: target + vector * vectorWidth) }
            target += cRowStride
        }
    }
}
