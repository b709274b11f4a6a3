import Foundation

/// Numbers over time, such as losses over epochs, as a drawing.
struct LineChart {
    /// One line.
    struct Line {
        let name: String
        /// From left to right.
        let points: [(x: Double, y: Double)]

        /// A line through values at 0, 1, 2 and so on.
        init(_ name: String, _ values: [Float]) {
            self.init(name, values.enumerated().map { (Double($0), Double($1)) })
        }

        init(_ name: String, _ points: [(x: Double, y: Double)]) { (self.name, self.points) = (name, points) }
    }

    private let title: String
    private let xName: String
    private let lines: [Line]

    /// A chart of lines; `xName` is what grows to the right.
    init(_ title: String, over xName: String, _ lines: [Line]) {
        (self.title, self.xName, self.lines) = (title, xName, lines)
    }

    /// A chart of values at 0, 1, 2 and so on, by their names.
    init(_ title: String, over xName: String, _ lines: KeyValuePairs<String, [Float]>) {
        self.init(title, over: xName, lines.map { name, values in Line(name, values) })
    }

    /// The chart as the text of an SVG file.
    var svg: String {
        let (left, top, width, height) = (60.0, 50.0, 600.0, 260.0)
        let points = lines.flatMap(\.points).filter { $0.y.isFinite }
        let (xTicks, yTicks) = (Self.ticks(points.map(\.x)), Self.ticks(points.map(\.y) + [0]))
        func x(_ value: Double) -> Double {
            left + (value - xTicks[0]) / (xTicks[xTicks.count - 1] - xTicks[0]) * width
        }
        func y(_ value: Double) -> Double {
            top + (yTicks[yTicks.count - 1] - value) / (yTicks[yTicks.count - 1] - yTicks[0]) * height
        }
        var parts: [String] = []
        for tick in yTicks {
            parts.append(SVG.line([(left, y(tick)), (left + width, y(tick))], "grid"))
            parts.append(SVG.text(left - 8, y(tick) + 4, Self.name(tick), anchor: "end"))
        }
        for tick in xTicks { parts.append(SVG.text(x(tick), top + height + 20, Self.name(tick), anchor: "middle")) }
        parts.append(SVG.text(left + width / 2, top + height + 42, xName, anchor: "middle"))
        for (index, line) in lines.enumerated() {
            let color = index % SVG.lineColors
            parts.append(
                SVG.line(line.points.filter { $0.y.isFinite }.map { (x($0.x), y($0.y)) }, "line\(color)"))
            parts.append(
                SVG.text(left + width, top + 16 * Double(index) + 12, line.name, anchor: "end", color: "name\(color)"))
        }
        return SVG.document(title, width: left + width + 20, height: top + height + 60, parts)
    }

    /// Round numbers from below the least value to above the largest, at even distances.
    static func ticks(_ values: [Double]) -> [Double] {
        let (least, largest) = (values.min() ?? 0, values.max() ?? 1)
        let span = largest > least ? largest - least : 1
        let power = pow(10, floor(log10(span / 4)))
        let step = [1, 2, 5, 10].map { $0 * power }.first { span / $0 <= 5 } ?? 10 * power
        let (first, last) = (Int(floor(least / step)), Int(ceil(largest / step)))
        return (first...max(last, first + 1)).map { Double($0) * step }
    }

    /// Without zeros that say nothing.
    private static func name(_ tick: Double) -> String {
        tick == tick.rounded() ? tick.fixed(0) : String(Float(tick))
    }
}
