/// The numbers that an option accepts.
///
/// The program computes in 32-bit floating point, so a number is also looked at as it will be there: 0.999999999 is not
/// below 1, nor 1e-60 above 0, once it is rounded, and both would otherwise go wrong much later.
struct NumberRange: Sendable {
    private enum Lower {
        case from(Double)
        case above(Double)
    }

    private enum Upper {
        case unbounded
        case upTo(Double)
        case below(Double)
    }

    private let lower: Lower
    private let upper: Upper

    /// `number` and more.
    static func from(_ number: Double) -> NumberRange {
        NumberRange(lower: .from(number), upper: .unbounded)
    }

    /// `number` and more, but less than `end`.
    static func from(_ number: Double, below end: Double) -> NumberRange {
        NumberRange(lower: .from(number), upper: .below(end))
    }

    /// More than `number`.
    static func above(_ number: Double) -> NumberRange {
        NumberRange(lower: .above(number), upper: .unbounded)
    }

    /// More than `number` and less than `end`.
    static func above(_ number: Double, below end: Double) -> NumberRange {
        NumberRange(lower: .above(number), upper: .below(end))
    }

    /// More than `number` and at most `end`.
    static func above(_ number: Double, upTo end: Double) -> NumberRange {
        NumberRange(lower: .above(number), upper: .upTo(end))
    }

    /// Whether `number` is finite and inside the bounds, and still is once rounded to 32 bits.
    func contains(_ number: Double) -> Bool {
        [number, Double(Float(number))].allSatisfy { $0.isFinite && isInside($0) }
    }

    private func isInside(_ number: Double) -> Bool {
        let isHighEnough =
            switch lower {
            case .from(let bound): number >= bound
            case .above(let bound): number > bound
            }
        let isLowEnough =
            switch upper {
            case .unbounded: true
            case .upTo(let bound): number <= bound
            case .below(let bound): number < bound
            }
        return isHighEnough && isLowEnough
    }

    /// For an error message: "a number of at least 0 and below 1".
    var expectation: String {
        let low =
            switch lower {
            case .from(let bound): "of at least \(Self.text(bound))"
            case .above(let bound): "above \(Self.text(bound))"
            }
        return switch upper {
        case .unbounded: "a finite number \(low)"
        case .upTo(let bound): "a number \(low) and at most \(Self.text(bound))"
        case .below(let bound): "a number \(low) and below \(Self.text(bound))"
        }
    }

    private static func text(_ bound: Double) -> String {
        Int(exactly: bound).map(String.init) ?? String(bound)
    }
}
