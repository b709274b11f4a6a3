/// The address of a weight of a decode step.
enum DecodeWeight {
    case f32(MatrixView)
    case bf16(PackedWeight<BFloat16>.View)
    case q8(PackedWeight<Int8>.View)

    /// The view of a range of rows.
    @inline(__always)
    func rows(_ range: Range<Int>) -> DecodeWeight {
        switch self {
        case .f32(let weight): .f32(weight.rows(range))
        case .bf16(let weight): .bf16(weight.rows(range))
        case .q8(let weight): .q8(weight.rows(range))
        }
    }

    /// Computes a range of columns of `y = x weight + bias` on the calling thread.
    @inline(__always)
    func multiply(_ x: MatrixView, columns: Range<Int>, into y: MatrixView, plus bias: MatrixView? = nil) {
        switch self {
        case .f32(let weight): SkinnyMatmul.multiply(x, weight, columns: columns, into: y, plus: bias)
        case .bf16(let weight): weight.multiply(x, columns: columns, into: y, plus: bias)
        case .q8(let weight): weight.multiply(x, columns: columns, into: y, plus: bias)
        }
    }
}
