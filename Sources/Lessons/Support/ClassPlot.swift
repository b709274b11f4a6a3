import TinyGPT

/// Points of two classes in a plane, in a terminal or as a drawing, on the regions in which a classifier expects the classes.
struct ClassPlot {
    private let points: [(x: Float, y: Float, isPositive: Bool)]
    private let score: ((Tensor) -> Tensor)?
    private let columns: ClosedRange<Float>, rows: ClosedRange<Float>

    /// A plot of all points and a margin around them.
    ///
    /// - Parameters:
    ///   - points: Shape: (N, 2)
    ///   - labels: Positive for one class, negative for the other. Shape: (N, 1)
    ///   - score: The classifier: positive for one class. Shape: (M, 2) -> (M, 1). Without it there are no regions.
    init(_ points: Tensor, _ labels: Tensor, score: ((Tensor) -> Tensor)? = nil) {
        let (places, signs) = (points.values, labels.values)
        self.points = signs.indices.map { (places[2 * $0], places[2 * $0 + 1], signs[$0] > 0) }
        self.score = score
        func range(_ values: [Float]) -> ClosedRange<Float> { (values.min() ?? 0) - 0.2...(values.max() ?? 0) + 0.2 }
        columns = range(self.points.map(\.x))
        rows = range(self.points.map(\.y))
    }

    /// Lines of characters: `o` and `x` for the points, dots where the score is positive.
    var text: String {
        let (width, height) = (72, 24)
        let regions = regions(width: width, height: height)
        var cells = regions.map { $0.map { $0 ? "." : " " } }
        for point in points {
            let (column, row) = place(point.x, point.y, width: Float(width), height: Float(height))
            cells[min(height - 1, Int(row))][min(width - 1, Int(column))] = point.isPositive ? "x" : "o"
        }
        return cells.map { String($0.joined().reversed().drop { $0 == " " }.reversed()) }.joined(separator: "\n")
    }

    /// The plot as the text of an SVG file.
    func svg(title: String) -> String {
        let (cell, width, height, top) = (4, 160, 120, 40)
        var region = ""
        for (row, cells) in regions(width: width, height: height).enumerated() {
            var column = 0
            while let start = cells[column...].firstIndex(of: true) {
                let end = cells[start...].firstIndex(of: false) ?? width
                region +=
                    "M\(start * cell) \(top + row * cell)h\((end - start) * cell)v\(cell)h\((start - end) * cell)z"
                column = end
            }
        }
        let circles = points.map { point in
            let (x, y) = place(point.x, point.y, width: Float(width * cell), height: Float(height * cell))
            return "<circle cx=\"\(x.fixed(1))\" cy=\"\((y + Float(top)).fixed(1))\" r=\"5\" "
                + "class=\"\(point.isPositive ? "name0" : "name1")\"/>\n"
        }
        let path = "<path d=\"\(region)\" class=\"cell\" fill-opacity=\"0.2\" shape-rendering=\"crispEdges\"/>\n"
        return SVG.document(
            title, width: Double(width * cell), height: Double(top + height * cell),
            (region.isEmpty ? [] : [path]) + circles)
    }

    /// Where the score in the middle of a cell is positive, rows from the top.
    private func regions(width: Int, height: Int) -> [[Bool]] {
        guard let score else { return Array(repeating: Array(repeating: false, count: width), count: height) }
        let (stepX, stepY) = (
            (columns.upperBound - columns.lowerBound) / Float(width),
            (rows.upperBound - rows.lowerBound) / Float(height)
        )
        let middles = (0..<height * width).flatMap { index -> [Float] in
            let (column, row) = (Float(index % width), Float(index / width))
            return [columns.lowerBound + (column + 0.5) * stepX, rows.upperBound - (row + 0.5) * stepY]
        }
        let scores = score(Tensor(middles, shape: [height * width, 2])).values
        return (0..<height).map { row in (0..<width).map { scores[row * width + $0] > 0 } }
    }

    /// A point's place in a picture of this size, from its upper left corner.
    private func place(_ x: Float, _ y: Float, width: Float, height: Float) -> (Float, Float) {
        (
            (x - columns.lowerBound) / (columns.upperBound - columns.lowerBound) * width,
            (rows.upperBound - y) / (rows.upperBound - rows.lowerBound) * height
        )
    }
}
