import CPUSupport

/// `e` to the power of every lane.
///
/// Writes x as n ln 2 + r with |r| <= ln 2 / 2, takes the polynomial of Cephes' `expf` for e^r, and multiplies by 2^n: in
/// one instruction, or in two halves, so that results below the normal range are right and those above become infinite.
/// NaN stays NaN.
/// The error is at most 2 units in the last place; the tests walk through the whole range of `Float`.
///
/// Transparent, because `@inline(__always)` does not inline it everywhere, and a call passes the vector lane by lane.
@_transparent
func exponential(_ x: Vector) -> Vector {
    let lowest = Vector(repeating: -104)
    let highest = Vector(repeating: 89)
    // Adding and subtracting 1.5 * 2^23 rounds to a whole number and leaves that number in the low bits of the sum.
    let rounding = Vector(repeating: 0x1.8p23)
    let clamped = x.replacing(with: lowest, where: x .< lowest).replacing(with: highest, where: x .> highest)
    let n = rounding.adding(product: clamped, Vector(repeating: 1.442_695_04)) - rounding
    let r = clamped.adding(product: n, Vector(repeating: -0.693_359_375))
        .adding(product: n, Vector(repeating: 2.121_944_4e-4))

    let series = Vector(repeating: 1.987_569_15e-4)
        .timesAdding(r, 1.398_199_95e-3).timesAdding(r, 8.333_451_9e-3).timesAdding(r, 4.166_579_6e-2)
        .timesAdding(r, 1.666_666_55e-1).timesAdding(r, 5.000_000_12e-1)
    let power = (r + Vector(repeating: 1)).adding(product: series, r * r)

    if hasPowerOfTwoScaling() { return scaledByPowerOfTwo(power, n) }
    let half = n * Vector(repeating: 0.5) + rounding
    let rest = n - (half - rounding) + rounding
    return power * powerOfTwo(half) * powerOfTwo(rest)
}

/// ``exponential(_:)``, to the bit, of numbers of which many may be far below zero, such as masked scores.
///
/// Where the exponential underflows to 0, it is not computed: the CPU takes a hundred times as long for a result below the
/// normal range (a microcode assist). A softmax of causal scores, masked by -infinity, took 16 times as long as an unmasked one.
///
/// Lanes are masked by their bits, because with AVX-512 the compiler replaces those of the result one at a time: 80 instructions
/// for a register instead of 22.
@_transparent
func exponentialOrZero(_ x: Vector) -> Vector {
    let isZero = x .< Vector(repeating: -104)
    let kept = BitVector(repeating: .max).replacing(with: BitVector(), where: isZero)
    return Vector(bits: exponential(Vector(bits: x.bits & kept)).bits & kept)
}

/// 2 to the whole number that stands in the low bits of every lane.
@inline(__always)
private func powerOfTwo(_ rounded: Vector) -> Vector {
    Vector(bits: (rounded.bits &+ BitVector(repeating: 127)) &<< BitVector(repeating: 23))
}

extension Vector {
    /// `self * x + coefficient`: one step of Horner's scheme.
    @inline(__always)
    fileprivate func timesAdding(_ x: Vector, _ coefficient: Float) -> Vector {
        Vector(repeating: coefficient).adding(product: self, x)
    }
}

/// 1 / (1 + e^-x) in every lane.
///
/// Transparent for the same reason as ``exponential(_:)``.
@_transparent
func sigmoid(_ x: Vector) -> Vector {
    let one = Vector(repeating: 1)
    return one / (one + exponential(Vector() - x))
}

/// The hyperbolic tangent of every lane.
///
/// Below 0.625 in magnitude Cephes' odd polynomial, above 1 - 2 / (e^2|x| + 1), where nothing cancels. The error is at
/// most 3 units in the last place.
@inline(__always)
func hyperbolicTangent(_ x: Vector) -> Vector {
    let one = Vector(repeating: 1)
    let sign = x.bits & BitVector(repeating: 0x8000_0000)
    let magnitude = Vector(bits: x.bits ^ sign)
    let large = one - Vector(repeating: 2) / (exponential(magnitude + magnitude) + one)
    let square = x * x
    let series = Vector(repeating: -5.704_988_7e-3)
        .timesAdding(square, 2.063_908_9e-2).timesAdding(square, -5.373_971_1e-2)
        .timesAdding(square, 1.333_144_3e-1).timesAdding(square, -3.333_328_2e-1)
    let small = x.adding(product: series * square, x)
    return Vector(bits: large.bits | sign).replacing(with: small, where: magnitude .< Vector(repeating: 0.625))
}
