import CPUSupport

// `Vector` is one register of floats (`SIMD16<Float>` on AVX-512, `SIMD8<Float>` on AVX2, `SIMD4<Float>` elsewhere) and
// `BitVector` the same register seen as unsigned integers. The C header `CPUSupport.h` chooses them.

/// Floats in a register.
let vectorWidth = Vector.scalarCount

extension Vector {
    /// Loads the floats at `pointer`, which need not be aligned.
    @inline(__always)
    init(at pointer: UnsafePointer<Float>) {
        self = UnsafeRawPointer(pointer).loadUnaligned(as: Vector.self)
    }

    /// Loads the first `count` floats at `pointer`, fewer than fill the register, and `padding` for the others.
    @inline(__always)
    init(first count: Int, at pointer: UnsafePointer<Float>, padding: Float = 0) {
        self.init(repeating: padding)
        for lane in 0..<count { self[lane] = pointer[lane] }
    }

    /// Stores the floats at `pointer`, which need not be aligned.
    @inline(__always)
    func store(to pointer: UnsafeMutablePointer<Float>) {
        UnsafeMutableRawPointer(pointer).storeBytes(of: self, as: Vector.self)
    }

    /// Stores the first `count` floats at `pointer`.
    @inline(__always)
    func store(first count: Int, to pointer: UnsafeMutablePointer<Float>) {
        for lane in 0..<count { pointer[lane] = self[lane] }
    }

    /// `self + a * b`: one instruction where the CPU has it. Elsewhere Swift's own fused product would be a library
    /// call per lane, so it is two instructions.
    @inline(__always)
    func adding(product a: Vector, _ b: Vector) -> Vector {
        hasFusedMultiplyAdd() ? addingProduct(a, b) : self + a * b
    }

    /// The bits, as integers.
    @inline(__always)
    var bits: BitVector { unsafeBitCast(self, to: BitVector.self) }

    /// The floats that these bits are.
    @inline(__always)
    init(bits: BitVector) { self = unsafeBitCast(bits, to: Vector.self) }
}

extension Vector {
    /// Loads `lanes` floats at `pointer`: a whole register in the body of a loop, fewer at its end.
    @inline(__always)
    init(at pointer: UnsafePointer<Float>, lanes: Int, padding: Float = 0) {
        if lanes == vectorWidth {
            self.init(at: pointer)
        } else {
            self.init(first: lanes, at: pointer, padding: padding)
        }
    }

    /// Stores `lanes` floats at `pointer`.
    @inline(__always)
    func store(to pointer: UnsafeMutablePointer<Float>, lanes: Int) {
        if lanes == vectorWidth {
            store(to: pointer)
        } else {
            store(first: lanes, to: pointer)
        }
    }

    /// The larger of two floats in every lane.
    @inline(__always)
    func maximum(_ other: Vector) -> Vector { replacing(with: other, where: other .> self) }

    /// The largest of all lanes.
    @inline(__always)
    var largest: Float { folded { $0.replacing(with: $1, where: $1 .> $0) } }

    /// The sum of all lanes.
    @inline(__always)
    var total: Float { folded { $0 + $1 } }

    /// Reduces all lanes in log2(width) steps, each combining the lower half with the upper one. The standard library's
    /// reductions are loops over the lanes.
    @inline(__always)
    private func folded(_ combine: (Vector, Vector) -> Vector) -> Float {
        var value = self
        var width = vectorWidth / 2
        while width > 0 {
            var other = value
            for lane in 0..<width { other[lane] = value[lane + width] }
            value = combine(value, other)
            width /= 2
        }
        return value[0]
    }

    /// 0, 1, 2 and so on.
    @inline(__always)
    static var laneNumbers: BitVector {
        var numbers = BitVector()
        for lane in 0..<vectorWidth { numbers[lane] = UInt32(lane) }
        return numbers
    }
}

/// Calls `body` for every register's worth of `count` floats: with the offset and the number of lanes, which is the
/// whole register but for the last call.
@inline(__always)
func forEachVector(_ count: Int, _ body: (_ offset: Int, _ lanes: Int) -> Void) {
    let whole = count - count % vectorWidth
    var offset = 0
    while offset < whole {
        body(offset, vectorWidth)
        offset += vectorWidth
    }
    if whole < count { body(whole, count - whole) }
}

/// Calls `body` with every `step`-th number of a range: a stride without an iterator, which in the innermost loops is a
/// call per iteration.
@inline(__always)
func forEachStep(_ range: Range<Int>, by step: Int, _ body: (Int) -> Void) {
    var index = range.lowerBound
    while index < range.upperBound {
        body(index)
        index += step
    }
}

/// Adds `count` floats to others.
@inline(__always)
func add(_ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, _ count: Int) {
    forEachVector(count) { offset, lanes in
        (Vector(at: target + offset, lanes: lanes) + Vector(at: source + offset, lanes: lanes))
            .store(to: target + offset, lanes: lanes)
    }
}

/// The sum of a function of each element, in two accumulators, because one would be bound by the latency of its additions.
@inline(__always)
func sumVectors(
    _ x: UnsafePointer<Float>, _ count: Int, padding: Float = 0, _ term: (Vector) -> Vector
) -> Float {
    var (even, odd) = (Vector(), Vector())
    let whole = count - count % (2 * vectorWidth)
    forEachStep(0..<whole, by: 2 * vectorWidth) { index in
        even += term(Vector(at: x + index))
        odd += term(Vector(at: x + index + vectorWidth))
    }
    forEachVector(count - whole) { index, lanes in
        even += term(Vector(at: x + whole + index, lanes: lanes, padding: padding))
    }
    return (even + odd).total
}
