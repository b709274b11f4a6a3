/// Numbers of 16 bits with 11 significant ones: a sign, 5 bits of exponent, 10 of fraction (IEEE 754 binary16).
///
/// Swift's own `Float16` is not there on every Mac.
enum HalfFloat {
    /// The largest that is finite.
    static let largest: Float = 65504
    /// From here on the nearest one is infinity.
    static let limit: Float = 65520

    /// The bits of the nearest one; of two as near, that which ends in 0.
    static func bits(_ value: Float) -> UInt16 {
        let sign = UInt16(value.bitPattern >> 16) & 0x8000
        let magnitude = abs(value)
        guard magnitude < limit else { return sign | (magnitude.isNaN ? 0x7e00 : 0x7c00) }
        // Below 2^-14 there are only the multiples of 2^-24.
        if magnitude < 0x1p-14 { return sign | UInt16((magnitude * 0x1p24).rounded(.toNearestOrEven)) }
        let rebiased = magnitude.bitPattern - (127 - 15) << 23
        return sign | UInt16((rebiased + 0xfff + (rebiased >> 13 & 1)) >> 13)
    }

    /// The number that bits stand for, which can be infinite or none.
    static func value(_ bits: UInt16) -> Float {
        let (sign, exponent, fraction) = (bits & 0x8000, UInt32(bits >> 10 & 0x1f), UInt32(bits & 0x3ff))
        let magnitude: Float =
            switch exponent {
            case 0: Float(fraction) * 0x1p-24
            case 31: fraction == 0 ? .infinity : .nan
            default: Float(bitPattern: (exponent + 127 - 15) << 23 | fraction << 13)
            }
        return sign == 0 ? magnitude : -magnitude
    }
}
