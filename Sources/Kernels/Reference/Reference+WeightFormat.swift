extension Reference {
    /// Each float rounded to bfloat16: to a multiple of 2^-7 of its own power of two.
    package static func bfloat16(_ x: [Float]) -> [Float] {
        x.map { value in
            let unit = value == 0 ? 1 : Float(sign: .plus, exponent: value.exponent - 7, significand: 1)
            return (value / unit).rounded(.toNearestOrEven) * unit
        }
    }

    /// A weight rounded to multiples of a scale for each column, of which the largest absolute value is 127.
    ///
    /// Shape: (K, `columns`) -> (K, `columns`)
    package static func int8(_ weight: [Float], columns: Int) -> [Float] {
        let scales = (0..<columns).map { column in
            stride(from: column, to: weight.count, by: columns).reduce(0) { max($0, abs(weight[$1])) } / 127
        }
        return weight.enumerated().map { index, value in
            let scale = scales[index % columns]
            return scale == 0 ? 0 : (value / scale).rounded(.toNearestOrEven) * scale
        }
    }
}
