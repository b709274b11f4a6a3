/// How the values of a tensor are stored in a GGUF file, by the number that stands for it there.
enum GGUFTensorType: UInt32 {
    case f32 = 0
    /// IEEE 754 half precision.
    case f16 = 1
    /// 32 whole numbers from -127 to 127 and their scale, a half.
    case q8_0 = 8
    /// The upper half of a float.
    case bf16 = 30

    /// Values that are stored together, and their bytes.
    private var block: (values: Int, bytes: Int) {
        switch self {
        case .f32: (1, 4)
        case .f16, .bf16: (1, 2)
        case .q8_0: (32, 34)
        }
    }

    /// Whether a row of so many values can be stored in this way.
    func fits(rowOf columns: Int) -> Bool { columns % block.values == 0 }

    /// The bytes of so many values, which fit.
    func bytes(of count: Int) -> Int { count / block.values * block.bytes }
}

/// Writing.
extension GGUFTensorType {
    /// Values as bytes, each rounded to the nearest that there is.
    ///
    /// - Precondition: They are rows that fit.
    func encode(_ values: [Float]) -> [UInt8] {
        switch self {
        case .f32: return values.withUnsafeBytes { Array($0) }
        case .f16: return values.map(Self.half).withUnsafeBytes { Array($0) }
        case .bf16: return values.map(Self.upperHalf).withUnsafeBytes { Array($0) }
        case .q8_0:
            var bytes: [UInt8] = []
            bytes.reserveCapacity(self.bytes(of: values.count))
            for start in stride(from: 0, to: values.count, by: block.values) {
                Self.append(values[start..<start + block.values], to: &bytes)
            }
            return bytes
        }
    }

    /// The nearest half; the largest instead of infinity, which would spoil the products with all others.
    private static func half(_ value: Float) -> UInt16 {
        HalfFloat.bits(max(-HalfFloat.largest, min(HalfFloat.largest, value)))
    }

    /// The nearest float whose lower half is zero, the even one of two.
    private static func upperHalf(_ value: Float) -> UInt16 {
        let bits = value.bitPattern
        return UInt16((bits + 0x7fff + (bits >> 16 & 1)) >> 16)
    }

    /// Appends the scale of 32 values and their quotients. These are rounded by the scale as a float, not by the half that is
    /// stored: so does the `gguf` package.
    private static func append(_ block: ArraySlice<Float>, to bytes: inout [UInt8]) {
        let scale = block.reduce(0) { max($0, $1.magnitude) } / 127
        let inverse = scale == 0 ? 0 : 1 / scale
        withUnsafeBytes(of: half(scale).littleEndian) { bytes.append(contentsOf: $0) }
        for value in block {
            let quotient = (value * inverse).rounded(.toNearestOrAwayFromZero)
            bytes.append(UInt8(bitPattern: Int8(max(-127, min(127, quotient)))))
        }
    }
}

/// Reading.
extension GGUFTensorType {
    /// The values of bytes, as many as ``bytes(of:)`` says; a half can be infinite or no number.
    func decode(_ bytes: [UInt8]) -> [Float] {
        bytes.withUnsafeBytes { bytes in
            func word(_ offset: Int) -> UInt16 { bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self) }
            switch self {
            case .f32: return (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
            case .f16: return stride(from: 0, to: bytes.count, by: 2).map { HalfFloat.value(word($0)) }
            case .bf16:
                return stride(from: 0, to: bytes.count, by: 2).map { Float(bitPattern: UInt32(word($0)) << 16) }
            case .q8_0:
                var values: [Float] = []
                values.reserveCapacity(bytes.count / block.bytes * block.values)
                for start in stride(from: 0, to: bytes.count, by: block.bytes) {
                    let scale = HalfFloat.value(word(start))
                    for byte in bytes[(start + 2)..<(start + block.bytes)] {
                        values.append(scale * Float(Int8(bitPattern: byte)))
                    }
                }
                return values
            }
        }
    }
}
