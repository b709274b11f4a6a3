/// The numbers that a setting accepts, from the command line and from files alike.
///
/// The program computes in 32-bit floating point, so a number is also checked after rounding to 32 bits: 0.999999999 is not
/// below 1, nor 1e-60 above 0, once it is rounded, and both would otherwise go wrong much later.
package struct NumberRange: Sendable {
    private let lower: (bound: Double, isIncluded: Bool)
    /// Nil for no upper bound.
    private let upper: (bound: Double, isIncluded: Bool)?

    /// `number` and more.
    package static func from(_ number: Double) -> NumberRange {
        NumberRange(lower: (number, true), upper: nil)
    }

    /// `number` and more, but less than `end`.
    package static func from(_ number: Double, below end: Double) -> NumberRange {
        NumberRange(lower: (number, true), upper: (end, false))
    }

    /// `number` and more, at most `end`.
    package static func from(_ number: Double, upTo end: Double) -> NumberRange {
        NumberRange(lower: (number, true), upper: (end, true))
    }

    /// More than `number`.
    package static func above(_ number: Double) -> NumberRange {
        NumberRange(lower: (number, false), upper: nil)
    }

    /// More than `number` and less than `end`.
    package static func above(_ number: Double, below end: Double) -> NumberRange {
        NumberRange(lower: (number, false), upper: (end, false))
    }

    /// More than `number` and at most `end`.
    package static func above(_ number: Double, upTo end: Double) -> NumberRange {
        NumberRange(lower: (number, false), upper: (end, true))
    }

    /// Whether `number` is finite and inside the bounds, and still is once rounded to 32 bits.
    package func contains(_ number: Double) -> Bool {
        [number, Double(Float(number))].allSatisfy { $0.isFinite && isInside($0) }
    }

    private func isInside(_ number: Double) -> Bool {
        (number > lower.bound || lower.isIncluded && number == lower.bound)
            && (upper.map { number < $0.bound || $0.isIncluded && number == $0.bound } ?? true)
    }

    /// For an error message: "a number of at least 0 and below 1".
    package var expectation: String {
        let low = "\(lower.isIncluded ? "of at least" : "above") \(Self.text(lower.bound))"
        guard let upper else { return "a finite number \(low)" }
        return "a number \(low) and \(upper.isIncluded ? "at most" : "below") \(Self.text(upper.bound))"
    }

    private static func text(_ bound: Double) -> String {
        Int(exactly: bound).map(String.init) ?? String(bound)
    }
}
