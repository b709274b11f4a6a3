import CPUSupport

/// Dropout, by itself and with the residual addition that follows it.
package enum DropoutKernel {
    /// Computes `output = input * mask`, and with `residual` `output = residual + input * mask`.
    ///
    /// Without a mask nothing is dropped. The backward pass is the same call on the gradient.
    package static func forward(_ input: Buffer, mask: DropoutMask?, residual: Buffer? = nil, output: Buffer) {
        require(
            input.count == output.count && residual.map { $0.count == input.count } ?? true,
            "\(input.count) elements and a residual of \(residual?.count ?? 0) into \(output.count)")
        let (source, target, base) = (input.pointer, output.pointer, residual?.pointer)
        Parallel.forEachRange(input.count, grain: 1 << 14) { range in
            let start = range.lowerBound
            forEachVector(range.count) { offset, lanes in
                let index = start + offset
                var value = Vector(at: source + index, lanes: lanes)
                if let mask { value *= mask.factors(from: index) }
                if let base { value += Vector(at: base + index, lanes: lanes) }
                value.store(to: target + index, lanes: lanes)
            }
        }
    }
}

/// A dropout mask: random numbers computed from an element's index (counter-based).
///
/// Nothing is stored: any thread can compute any part of the mask, and the backward pass recomputes it.
/// The bits are those of the finalizer "lowbias32" (Wellons, "Prospecting for Hash Functions", 2018), applied twice with
/// half of the key before each.
package struct DropoutMask: Sendable {
    private let firstKey: UInt32
    private let secondKey: UInt32
    private let threshold: UInt32
    private let scale: Float

    /// A mask that drops each element with probability `rate`, and multiplies the others by 1 / (1 - rate).
    ///
    /// - Parameters:
    ///   - rate: From 0 up to but not including 1.
    ///   - key: Masks of different keys are independent; mixed from seed, step and dropout site.
    package init(rate: Float, key: UInt64) {
        require(rate >= 0 && rate < 1, "a dropout rate of \(rate) is not in 0..<1")
        firstKey = UInt32(truncatingIfNeeded: key)
        secondKey = UInt32(truncatingIfNeeded: key >> 32)
        threshold = UInt32(Double(rate) * 0x1p32)
        scale = 1 / (1 - rate)
    }

    /// The mask of one of many parts that each index their elements from 0.
    func part(_ number: Int) -> DropoutMask {
        DropoutMask(self, secondKey: secondKey &+ UInt32(truncatingIfNeeded: number) &* 0x9E37_79B9)
    }

    private init(_ mask: DropoutMask, secondKey: UInt32) {
        firstKey = mask.firstKey
        self.secondKey = secondKey
        threshold = mask.threshold
        scale = mask.scale
    }

    /// The factors of the elements from `index` on: 0, or 1 / (1 - rate).
    @inline(__always)
    func factors(from index: Int) -> Vector {
        var bits = BitVector(repeating: UInt32(truncatingIfNeeded: index)) &+ Vector.laneNumbers
        bits = Self.mix(bits ^ BitVector(repeating: firstKey))
        bits = Self.mix(bits ^ BitVector(repeating: secondKey))
        return Vector(repeating: scale).replacing(with: Vector(), where: bits .< BitVector(repeating: threshold))
    }

    @inline(__always)
    private static func mix(_ value: BitVector) -> BitVector {
        var bits = value
        bits ^= bits &>> BitVector(repeating: 16)
        bits = bits &* BitVector(repeating: 0x7FEB_352D)
        bits ^= bits &>> BitVector(repeating: 15)
        bits = bits &* BitVector(repeating: 0x846C_A68B)
        bits ^= bits &>> BitVector(repeating: 16)
        return bits
    }
}
