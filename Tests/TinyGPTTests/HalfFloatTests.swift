import Testing

@testable import TinyGPT

@Suite("Half precision")
struct HalfFloatTests {
    /// The finite number that 16 bits stand for, from the definition of the format.
    private static func value(ofHalf bits: UInt16) -> Float {
        let (exponent, fraction) = (Int(bits >> 10 & 31), Float(bits & 1023) / 1024)
        let magnitude =
            exponent == 0
            ? fraction * Float(sign: .plus, exponent: -14, significand: 1)
            : (1 + fraction) * Float(sign: .plus, exponent: exponent - 15, significand: 1)
        return bits >> 15 == 1 ? -magnitude : magnitude
    }

    @Test("Numbers of 16 bits are the nearest ones; of two as near, the even one")
    func halves() {
        for bits in 0..<UInt16(31 << 10) {
            let value = Self.value(ofHalf: bits)
            #expect(HalfFloat.bits(value) == bits)
            #expect(HalfFloat.bits(-value) == bits | 0x8000)
            #expect(HalfFloat.value(bits) == value && HalfFloat.value(bits | 0x8000) == -value)
            guard bits + 1 < 31 << 10 else { continue }
            let middle = (value + Self.value(ofHalf: bits + 1)) / 2
            #expect(HalfFloat.bits(middle) == bits + bits % 2)
            #expect(HalfFloat.bits(middle.nextUp) == bits + 1)
            #expect(HalfFloat.bits(middle.nextDown) == bits)
        }
        #expect(HalfFloat.bits(65519) == 0x7bff && HalfFloat.bits(65520) == 0x7c00)
        #expect(HalfFloat.bits(.nan) == 0x7e00 && HalfFloat.value(0x7c01).isNaN)
        #expect(HalfFloat.value(0x7c00) == .infinity && HalfFloat.value(0xfc00) == -.infinity)
    }

    @Test(
        "Numbers have the bits that are known of them",
        arguments: [
            (1, 0x3c00), (-2, 0xc000), (0.1, 0x2e66), (65504, 0x7bff), (1e6, 0x7c00), (-1e6, 0xfc00), (0x1p-14, 0x0400),
            (0x1p-24, 0x0001), (0x1p-25, 0), (0x1.8p-24, 0x0002), (2049, 0x6800), (2051, 0x6802), (0, 0),
        ] as [(Float, UInt16)])
    func known(value: Float, bits: UInt16) { #expect(HalfFloat.bits(value) == bits) }
}
