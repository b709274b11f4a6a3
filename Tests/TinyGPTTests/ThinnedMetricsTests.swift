import Foundation
import Testing

@testable import TinyGPT

@Suite("Metrics thinned for a chart")
struct ThinnedMetricsTests {
    private static func rows(_ count: Int) -> [MetricsLog.Row] {
        (1...count).map { step in
            MetricsLog.Row(
                step: step, split: .train, loss: 4 / Double(step) + Double(step * 7919 % 13), learningRate: 0.001,
                gradientNorm: Double(step % 5), tokensPerSecond: 1000 + Double(step), seconds: Double(step) / 2)
        }
    }

    @Test("Every point has mean, lowest and highest of as many steps", arguments: [1, 8, 9, 16, 17, 100, 1025])
    func points(count: Int) {
        let rows = Self.rows(count)
        var thinned = ThinnedMetrics(limit: 8)
        for row in rows {
            thinned.append(row)
            thinned.append(MetricsLog.Row(step: row.step, split: .validation, loss: 99))
        }
        #expect(thinned.points.count <= 8 && thinned.points.count > min(count, 8) / 2)
        #expect(Set(thinned.points.dropLast().map(\.count)).count <= 1)
        var rest = rows[...]
        for point in thinned.points {
            let steps = rest.prefix(point.count)
            rest = rest.dropFirst(point.count)
            #expect(point.step == steps.last?.step && point.seconds == steps.last?.seconds)
            #expect(point.lowest == steps.map(\.loss).min() && point.highest == steps.map(\.loss).max())
            #expect(abs(point.loss - steps.map(\.loss).reduce(0, +) / Double(point.count)) < 1e-9)
            #expect(abs(point.speed - steps.compactMap(\.tokensPerSecond).reduce(0, +) / Double(point.count)) < 1e-9)
        }
        #expect(rest.isEmpty)
    }

    @Test("A bounded number at even distances is kept, and the last", arguments: [0, 1, 6, 7, 12, 100])
    func thinned(count: Int) {
        var thinned = Thinned<Int>(limit: 6)
        for number in 0..<count { thinned.append(number) }
        let elements = thinned.elements
        #expect(elements.count <= 7)
        #expect(elements.first == (count > 0 ? 0 : nil) && elements.last == (count > 0 ? count - 1 : nil))
        let distances = Set(zip(elements, elements.dropFirst()).dropLast().map { $1 - $0 })
        #expect(distances.count <= 1)
    }

    @Test("A column of text has five digits of each number, and nothing where there is none")
    func columns() {
        let numbers = [0, 1, 2.5, 1234567, 0.00012345678, 4.0837219, -17.25, 1e-30, 3e20, .nan, .infinity]
        let texts = NumberColumn(numbers).text.split(separator: ",", omittingEmptySubsequences: false)
        #expect(texts.count == numbers.count && texts.suffix(2) == ["", ""])
        for (text, number) in zip(texts, numbers) where number.isFinite {
            #expect(abs((Double(text) ?? .nan) - number) <= 5e-5 * abs(number))
            #expect(text.count <= 11, "\(text)")
        }
        #expect(NumberColumn([3, 20]).text == "3,20")
    }
}
