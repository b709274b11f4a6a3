import Foundation
import Testing

@testable import Console

@Suite("Line chart")
struct LineChartTests {
    private static let unicode = TerminalStyle(
        environment: ["TERM": "xterm", "LANG": "C.UTF-8", "NO_COLOR": "1"], isTerminal: true, choice: .never)
    private static let ascii = TerminalStyle(environment: ["TERM": "xterm"], isTerminal: true, choice: .never)

    private static func points(_ values: [(Double, Double)]) -> [LineChart.Point] {
        values.map { LineChart.Point(x: $0.0, y: $0.1) }
    }

    @Test("A straight line is a straight line of dots")
    func straightLine() throws {
        let chart = LineChart(curve: Self.points([(0, 3), (10, 2)]), marks: [], limit: 10)
        let rows = chart.lines(width: 20, height: 7, Self.unicode).dropLast(2)
        for x in 0..<26 {
            // The rows of the dots in this column; a braille character's number tells its dots.
            let dots = rows.enumerated().flatMap { row, line -> [Int] in
                let cells = Array(line.dropFirst(LineChart.margin).unicodeScalars)
                guard x / 2 < cells.count, cells[x / 2] != " " else { return [] }
                let bits: [[UInt32]] = [[1, 2, 4, 64], [8, 16, 32, 128]]
                return (0..<4).filter { (cells[x / 2].value - 0x2800) & bits[x % 2][$0] != 0 }.map { 4 * row + $0 }
            }
            #expect(dots.count == 1 && abs(Double(dots[0]) - 19 * Double(x) / 25) <= 0.5)
        }
    }

    @Test("Round values and steps stand at the axes")
    func axes() {
        let chart = LineChart(curve: Self.points([(0, 3), (100, 2)]), marks: [], limit: 100)
        let lines = chart.lines(width: 40, height: 7, Self.unicode)
        #expect(
            lines.map { $0.prefix(LineChart.margin) } == [
                "    3 ┤", "      │", "  2.5 ┤", "      │", "    2 ┤", "      └", "  step ",
            ])
        #expect(
            lines.suffix(2) == ["      └┬───────────────┬───────────────┬", "  step 0               50            100"])
    }

    @Test("Without Unicode it is drawn in ASCII")
    func asciiLine() {
        let chart = LineChart(
            curve: Self.points([(0, 3), (10, 2)]), marks: Self.points([(10, 3)]), limit: 10)
        let lines = chart.lines(width: 20, height: 7, Self.ascii)
        #expect(lines.joined().allSatisfy { $0.isASCII })
        #expect(lines[0] == "    3 +'.          o")
    }

    @Test("A scale is logarithmic from twice the lowest value on")
    func logarithm() throws {
        #expect(try #require(ChartScale([2, 1.01])).isLogarithmic == false)
        let scale = try #require(ChartScale([1, 4]))
        #expect(scale.isLogarithmic)
        #expect(abs(scale.height(2) - 0.5) < 1e-12)
        #expect(try #require(ChartScale([0, 4])).isLogarithmic == false)
        #expect(ChartScale([]) == nil)
    }

    @Test(
        "Labels stand at their values, one row apart from each other at least",
        arguments: [(4.1, 1.4), (2.51, 2.32), (0.9, 0.01), (3e-5, 2e-5), (40, 39)])
    func labels(high: Double, low: Double) throws {
        let scale = try #require(ChartScale([high, low]))
        for rows in [6, 10, 20] {
            let labels = scale.labels(rows: rows)
            #expect(labels.count >= 2)
            let places = labels.keys.sorted()
            #expect(zip(places, places.dropFirst()).allSatisfy { $1 - $0 >= 2 })
            for (row, label) in labels {
                #expect(label.count <= ChartScale.labelWidth)
                let place = try (1 - scale.height(#require(Double(label)))) * Double(rows)
                #expect(place > Double(row) - 1e-9 && place < Double(row) + 1 + 1e-9)
            }
        }
    }

    @Test("The horizontal axis ends at a round number, and never after the last step")
    func end() {
        func end(_ last: Double, limit: Int) -> Int {
            LineChart(curve: Self.points([(last, 1)]), marks: [], limit: limit).end
        }
        #expect(end(1, limit: 1000) == 10)
        #expect(end(21, limit: 1000) == 50)
        #expect(end(100, limit: 1000) == 100)
        #expect(end(101, limit: 150) == 150)
        #expect(end(1, limit: 3) == 3)
        #expect(end(2001, limit: 10_000_000) == 5000)
    }

    @Test("The first twentieth of the axis may leave the chart at the top")
    func steepBeginning() throws {
        let curve = (1...100).map { (step: Int) -> LineChart.Point in
            let x = Double(step)
            return LineChart.Point(x: x, y: step < 5 ? 1e300 : 2 + 1 / x)
        }
        let chart = LineChart(curve: curve, marks: Self.points([(0, 4), (50, 2.1)]), limit: 100)
        let lines = chart.lines(width: 80, height: 12, Self.unicode)
        #expect(lines.joined().filter { $0 == "o" }.count == 1)
        #expect(try #require(chart.scale).height(2.2) == 1)
    }

    @Test("Every chart has the lines asked for, none too wide, however few its points")
    func sizes() {
        let curves: [[(Double, Double)]] = [[], [(0, 4)], [(1, 0)], [(1, 4), (2, 4)], [(1, 4), (7, 1e-9)]]
        for points in curves {
            for marks: [(Double, Double)] in [[], [(0, 5)]] {
                for (width, height) in [(9, 3), (39, 8), (200, 30)] {
                    let chart = LineChart(curve: Self.points(points), marks: Self.points(marks), limit: 7)
                    for style in [Self.unicode, Self.ascii] {
                        let lines = chart.lines(width: width, height: height, style)
                        #expect(lines.count == height)
                        #expect(lines.allSatisfy { $0.count <= width }, "\(width) x \(height): \(lines)")
                    }
                }
            }
        }
    }
}
