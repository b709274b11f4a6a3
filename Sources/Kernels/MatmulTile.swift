import CPUSupport

/// Columns of the block of the product that ``multiplyTile`` keeps in registers.
let tileColumns = tileVectors * vectorWidth

/// The innermost kernel: a block of the product, `rows` x ``tileColumns``, formed in registers.
///
/// Every step along the depth loads one row of `b` into registers and multiplies it by one broadcast element of `a` per
/// row of the block: two multiply-adds for each load, in 24 independent sums on AVX-512, enough to keep both of the
/// CPU's multiply-add units busy. Calls give `rows` and the constant strides as literals, so that the loops over the
/// block unroll and the sums stay in registers. The depth is at least 1.
@inline(__always)
func multiplyTile(
    rows: Int, depth: Int,
    a: UnsafePointer<Float>, rowStride aRowStride: Int, depthStride aDepthStride: Int,
    b: UnsafePointer<Float>, depthStride bDepthStride: Int,
    into c: UnsafeMutablePointer<Float>, rowStride cRowStride: Int, accumulate: Bool
) {
    // The sums begin with the first step, not with zeros, which would go to memory first.
    var sums = InlineArray<24, Vector> { index in
        let (row, vector) = (index / tileVectors, index % tileVectors)
        return row < rows ? Vector(repeating: a[row * aRowStride]) * Vector(at: b + vector * vectorWidth) : Vector()
    }
    var (a, b) = (a + aDepthStride, b + bDepthStride)
    for _ in 1..<depth {
        var columns = InlineArray<3, Vector>(repeating: Vector())
        for vector in 0..<tileVectors { columns[vector] = Vector(at: b + vector * vectorWidth) }
        for row in 0..<rows {
            let element = Vector(repeating: a[row * aRowStride])
            for vector in 0..<tileVectors {
                let index = row * tileVectors + vector
                sums[index] = sums[index].adding(product: element, columns[vector])
            }
        }
        a += aDepthStride
        b += bDepthStride
    }
    for row in 0..<rows {
        for vector in 0..<tileVectors {
            let target = c + row * cRowStride + vector * vectorWidth
            let sum = sums[row * tileVectors + vector]
            (accumulate ? Vector(at: target) + sum : sum).store(to: target)
        }
    }
}
