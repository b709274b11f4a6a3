import CPUSupport

/// How decode steps read the weights of products, all of them for every token.
public enum WeightFormat: String, CaseIterable, Sendable {
    /// The model's own 32-bit floats, where they are.
    case f32
    /// A copy in bfloat16: the sign, the exponent and the first 7 bits of the fraction of a float.
    case bf16
    /// A copy in whole numbers from -127 to 127, with a scale for each output.
    case q8

    /// Bytes that each weight takes in addition to the model's own.
    package var copiedBytes: Int {
        switch self {
        case .f32: 0
        case .bf16: 2
        case .q8: 1
        }
    }
}

/// An element of a ``PackedWeight``. It is widened in registers, so products are still sums of floats.
protocol PackedElement {
    /// The factor of all elements of a column, given the largest of its absolute values.
    static func scale(largest: Float) -> Float

    /// The element nearest to `value / scale`.
    init(_ value: Float, scale: Float)

    /// Loads a register's worth of elements, which need not be aligned, as floats.
    static func vector(at address: UnsafeRawPointer) -> Vector
}

/// The upper half of a float.
struct BFloat16: PackedElement {
    let bits: UInt16

    static func scale(largest: Float) -> Float { 1 }

    init(_ value: Float, scale: Float) {
        // Halfway between two elements to the one whose last bit is 0.
        let bits = value.bitPattern
        self.bits = UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16)
    }

    @inline(__always)
    static func vector(at address: UnsafeRawPointer) -> Vector { Vector(bits: bitsOfUpperHalves(address)) }
}

extension Int8: PackedElement {
    static func scale(largest: Float) -> Float { largest / 127 }

    init(_ value: Float, scale: Float) {
        let quotient = scale > 0 ? (value / scale).rounded(.toNearestOrEven) : 0
        self = Int8(Swift.max(-127, Swift.min(127, quotient)))
    }

    @inline(__always)
    static func vector(at address: UnsafeRawPointer) -> Vector { floatsOfBytes(address) }
}
