extension Reference {
    /// The factors of elements 0, 1, 2 and so on in inverted dropout: 0 with probability `rate`, else 1 / (1 - rate)
    /// (Srivastava et al. 2014, section 10).
    ///
    /// An element is dropped if a hash of its index, taken as a fraction of 2^32, is below the rate. The hash is "lowbias32"
    /// (Wellons, "Prospecting for Hash Functions", 2018), applied twice, with the lower and the upper half of the key mixed
    /// in first.
    ///
    /// - Parameters:
    ///   - rate: From 0 up to but not including 1.
    ///   - key: The mask's key: masks of different keys are independent.
    ///   - part: The number of the mask among those of one key: attention has one for each head of each text, other masks are
    ///     part 0.
    ///   - count: The number of elements.
    /// - Returns: `count` factors.
    package static func dropoutFactors(rate: Float, key: UInt64, part: Int = 0, count: Int) -> [Float] {
        func lowbias32(_ value: UInt32) -> UInt32 {
            var x = value
            x ^= x >> 16
            x = x &* 0x7feb_352d
            x ^= x >> 15
            x = x &* 0x846c_a68b
            x ^= x >> 16
            return x
        }
        let (lower, upper) = (UInt32(truncatingIfNeeded: key), UInt32(truncatingIfNeeded: key >> 32))
        let upperOfPart = upper &+ UInt32(part) &* 0x9e37_79b9
        return (0..<count).map { index in
            let hash = lowbias32(lowbias32(UInt32(index) ^ lower) ^ upperOfPart)
            return Double(hash) < (Double(rate) * 0x1p32).rounded(.down) ? 0 : 1 / (1 - rate)
        }
    }

    /// The residual connection: `residual + input * factors`, element by element; without a residual, dropout alone.
    package static func dropout(_ input: [Float], factors: [Float], residual: [Float]? = nil) -> [Float] {
        input.indices.map { Float(Double(input[$0]) * Double(factors[$0]) + Double(residual?[$0] ?? 0)) }
    }
}
