import Foundation

extension BinaryFloatingPoint {
    /// The number with so many decimals; never "-0.00".
    func fixed(_ digits: Int) -> String {
        let text = String(format: "%.\(digits)f", Double(self))
        return text.hasPrefix("-") && text.allSatisfy { "-0.".contains($0) } ? String(text.dropFirst()) : text
    }
}

extension Float {
    var squared: Float { self * self }
}

extension Duration {
    /// For rates and tables.
    var seconds: Double { self / .seconds(1) }
}

extension String {
    /// Without the line break at its end.
    var trimmed: String { hasSuffix("\n") ? String(dropLast()) : self }
}
