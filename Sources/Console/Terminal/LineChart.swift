import Foundation

/// A chart of a curve and of marks beside it, over whole numbers from 0 on.
package struct LineChart {
    /// A point of a chart.
    package struct Point: Equatable, Sendable {
        /// Its place on the horizontal axis, not negative.
        package let x: Double
        /// Its value, finite.
        package let y: Double

        package init(x: Double, y: Double) { (self.x, self.y) = (x, y) }
    }

    /// Points that are connected, from left to right.
    package let curve: [Point]
    /// Points that are marked.
    package let marks: [Point]
    /// The sign of a mark.
    package static let mark = "o"

    /// The columns to the left of the chart, for the labels of the axis.
    package static let margin = ChartScale.labelWidth + 2

    /// The end of the horizontal axis: the next of 1, 2, 5, 10, 20 ... at or after the last point, but not after the limit. So
    /// the curve always fills two fifths of the width, and seldom moves.
    let end: Int
    /// The scale of the vertical axis; nil without points.
    ///
    /// The first twentieth of the horizontal axis does not count, so it may leave the chart at the top: the loss falls there as
    /// much as in all the rest, which would get half of the height.
    package let scale: ChartScale?

    /// A chart.
    ///
    /// - Parameters:
    ///   - curve: Points that are connected, from left to right.
    ///   - marks: Points that are marked, from left to right.
    ///   - limit: The largest x that there will be.
    package init(curve: [Point], marks: [Point], limit: Int) {
        (self.curve, self.marks) = (curve, marks)
        let last = Int([curve.last, marks.last].compactMap { $0?.x }.max() ?? 0)
        var round = 10
        while round < last { round = Self.next(round) }
        let end = max(last, min(round, limit), 1)
        self.end = end
        let points = [curve, marks].joined()
        let late = points.filter { $0.x >= Double(end) / 20 }
        scale = ChartScale((late.count < 2 ? Array(points) : late).map(\.y))
    }

    /// The next of 1, 2, 5, 10, 20 and so on.
    private static func next(_ round: Int) -> Int { "\(round)".first == "2" ? round / 2 * 5 : 2 * round }

    private func column(_ x: Double, of columns: Int) -> Int {
        min(columns - 1, Int(x / Double(end) * Double(columns)))
    }

    /// The chart as lines, the last two of which are the horizontal axis.
    ///
    /// - Parameters:
    ///   - width: Columns, more than ``margin``.
    ///   - height: Lines, more than two.
    ///   - style: That of the terminal.
    /// - Returns: So many lines, none wider.
    package func lines(width: Int, height: Int, _ style: TerminalStyle) -> [String] {
        let (columns, rows) = (width - Self.margin, height - 2)
        var grid = DotGrid(columns: columns, rows: rows, isBraille: style.hasBraille)
        let scale = scale
        var marked: [[Bool]] = .init(repeating: .init(repeating: false, count: columns), count: rows)
        if let scale {
            draw(scale, in: &grid)
            for mark in marks where 0...1 ~= scale.height(mark.y) {
                marked[scale.row(mark.y, of: rows)][column(mark.x, of: columns)] = true
            }
        }
        let labels = scale?.labels(rows: rows) ?? [:]
        let (line, tick) = style.isUTF8 ? ("│", "┤") : ("|", "+")
        return (0..<rows).map { row in
            let label = labels[row].map { $0 + " " + tick } ?? line
            return style.dim(String(repeating: " ", count: Self.margin - label.count) + label)
                + Self.row(row, of: grid, marked: marked[row], style)
        } + axis(columns, style)
    }

    private func draw(_ scale: ChartScale, in grid: inout DotGrid) {
        var before: (x: Int, y: Int)?
        for point in curve {
            let x = Int((point.x / Double(end) * Double(grid.width - 1)).rounded())
            // As far outside as a line needs to leave the grid.
            let y = Int((max(-1, min(scale.height(point.y), 2)) * Double(grid.height - 1)).rounded())
            guard let (fromX, fromY) = before, x > fromX else {
                grid.fill(column: x, from: y, to: before?.y ?? y)
                before = (x, y)
                continue
            }
            let slope = Double(y - fromY) / Double(x - fromX)
            var last = fromY
            for column in fromX + 1...x {
                let next = fromY + Int((slope * Double(column - fromX)).rounded())
                // From the next dot on, so that a slope is one dot thick.
                grid.fill(column: column, from: last == next ? next : last + (next - last).signum(), to: next)
                last = next
            }
            before = (x, y)
        }
    }

    private static func row(_ row: Int, of grid: DotGrid, marked: [Bool], _ style: TerminalStyle) -> String {
        var (text, run, blanks) = ("", "", 0)
        for (column, isMarked) in marked.enumerated() {
            let character = isMarked ? nil : grid.character(column: column, row: row)
            if character == " " {
                blanks += 1
                continue
            }
            run += String(repeating: " ", count: blanks)
            blanks = 0
            if let character {
                run.append(character)
            } else {
                text += (run.isEmpty ? "" : style.cyan(run)) + style.bold(style.magenta(mark))
                run = ""
            }
        }
        return text + (run.isEmpty ? "" : style.cyan(run))
    }

    /// The horizontal axis with as many round numbers as fit beside each other.
    private func axis(_ columns: Int, _ style: TerminalStyle) -> [String] {
        let (corner, line, tick) = style.isUTF8 ? ("└", "─", "┬") : ("+", "-", "+")
        var step = 1
        while Double(step) / Double(end) * Double(columns) < Double("\(end)".count + 6) { step = Self.next(step) }
        var rule = [String](repeating: line, count: columns)
        var numbers = ""
        for x in stride(from: 0, through: end, by: step) {
            let column = column(Double(x), of: columns)
            rule[column] = tick
            // Below the tick, but not beyond the end.
            let start = min(column, columns - "\(x)".count)
            numbers += String(repeating: " ", count: max(0, start - numbers.count)) + "\(x)"
        }
        let indent = String(repeating: " ", count: Self.margin - 1)
        return [style.dim(indent + corner + rule.joined()), style.dim("  step " + numbers)]
    }
}
