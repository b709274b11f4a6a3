import Foundation

/// The scale of a chart's vertical axis.
package struct ChartScale {
    private let lowest: Double
    private let highest: Double
    /// Whether equal ratios, and not equal differences, have equal heights.
    package let isLogarithmic: Bool

    /// From this ratio of the highest value to the lowest on, the scale is logarithmic. The lower half of the values, in which a
    /// loss that falls spends its time, then gets 58 % of the height and more, instead of half.
    private static let logarithmicRatio = 2.0

    /// A scale on which all the values fit; nil where there is none.
    package init?(_ values: some Collection<Double>) {
        guard let first = values.first else { return nil }
        var (low, high) = (first, first)
        for value in values { (low, high) = (min(low, value), max(high, value)) }
        isLogarithmic = low > 0 && high > Self.logarithmicRatio * low
        let margin = high > low ? 0 : max(abs(low) / 10, 1e-3)
        (lowest, highest) = (low - margin, high + margin)
    }

    /// The height of a value, from 0 for the lowest to 1 for the highest.
    func height(_ value: Double) -> Double {
        guard isLogarithmic else { return (value - lowest) / (highest - lowest) }
        return Foundation.log(max(value, .leastNormalMagnitude) / lowest) / Foundation.log(highest / lowest)
    }

    /// The row of a value in a chart, counted from the top.
    func row(_ value: Double, of rows: Int) -> Int { max(0, min(rows - 1, Int((1 - height(value)) * Double(rows)))) }

    /// The longest label.
    static let labelWidth = 5

    /// Round values by the rows that they belong to, with a row between one and the next: multiples of one number on a linear
    /// scale, and on a logarithmic one the roundest that there is room for.
    func labels(rows: Int) -> [Int: String] {
        var labels: [Int: String] = [:]
        let magnitude = Foundation.pow(10, Foundation.log10(max(abs(lowest), abs(highest))).rounded(.down))
        let fractions: [Double] = isLogarithmic ? [1, 0.5, 0.1] : [5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01]
        for step in fractions.map({ magnitude * $0 }) {
            var finer: [Int: String] = isLogarithmic ? labels : [:]
            var isRegular = true
            for multiple in stride(from: (lowest / step).rounded(.up), through: highest / step, by: 1) {
                let row = row(multiple * step, of: rows)
                let label = String(format: "%.4g", multiple * step)
                let isFree = [row - 1, row, row + 1].allSatisfy { finer[$0] == nil }
                if isFree, label.count <= Self.labelWidth { finer[row] = label } else { isRegular = false }
            }
            guard isLogarithmic || isRegular else { break }
            labels = finer
            // The roundest values alone, where they are enough.
            if labels.count >= max(3, rows / 5) { break }
        }
        return labels
    }
}
