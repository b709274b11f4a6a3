import Foundation

/// Numbers on a page, as text: five significant digits, a comma between two, nothing for one that is not finite.
///
/// Foundation's encoder takes many times as long for an array of numbers.
struct NumberColumn: Encodable, Equatable {
    let text: String

    init(_ numbers: some Sequence<Double>) {
        text = numbers.map(Self.text).joined(separator: ",")
    }

    init(_ numbers: some Sequence<Int>) {
        text = numbers.map(\.description).joined(separator: ",")
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    private static func text(_ number: Double) -> String {
        guard number.isFinite, number != 0 else { return number == 0 ? "0" : "" }
        let digits = 4 - Int(log10(abs(number)).rounded(.down))
        // A power of ten with a negative exponent is not exact, and the quotient would have more digits.
        let scale = pow(10, Double(abs(digits)))
        let rounded = digits >= 0 ? (number * scale).rounded() / scale : (number / scale).rounded() * scale
        return rounded == rounded.rounded() && abs(rounded) < 1e15 ? "\(Int(rounded))" : rounded.description
    }
}
