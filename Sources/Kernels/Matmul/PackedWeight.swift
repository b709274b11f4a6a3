import CPUSupport

/// A weight copied into fewer bits for decode steps: into panels of two registers' columns, of which a product reads one row
/// after the other.
///
/// So memory is read in a few long runs. Read from a matrix stored row after row, elements this small would be a hundred bytes
/// of each row, which takes up to three times as long. A scale for each column costs nothing in the innermost loop, and is nearly
/// as good as one for every 32 elements of it: for trained models of the `cpu` and `baby` presets the Kullback-Leibler divergence
/// from the exact probabilities is 1.5e-5 and 1.2e-5 nats a token, not 1.0e-5 and 0.5e-5.
struct PackedWeight<Element: PackedElement> {
    let view: View
    /// Keep the addresses in the view valid.
    let buffers: [Buffer]

    /// Copies a matrix.
    ///
    /// Shape: (K, N)
    init(_ matrix: Matrix) {
        let (source, width, size) = (matrix.view, View.panelColumns, MemoryLayout<Element>.size)
        let panels = (source.columns + width - 1) / width
        let elements = Buffer(uninitialized: (panels * width * source.rows * size + 3) / 4)
        let scales = Buffer(repeating: 0, count: panels * width)
        let view = View(
            start: UnsafeMutableRawPointer(elements.pointer), scales: scales.pointer, rows: source.rows,
            columns: source.columns, panelStride: width * source.rows * size)
        Parallel.forEach(panels) { view.pack(source, panel: $0) }
        (self.view, buffers) = (view, [elements, scales])
    }

    /// The address of a packed weight, or of some of its rows.
    struct View {
        fileprivate let start: UnsafeMutableRawPointer
        /// Shape: (N), up to a whole panel
        fileprivate let scales: UnsafeMutablePointer<Float>
        let rows: Int, columns: Int
        /// The distance between two panels, in bytes.
        fileprivate let panelStride: Int

        static var panelColumns: Int { 2 * vectorWidth }
        /// The distance between two rows of a panel, in bytes.
        fileprivate static var rowStride: Int { panelColumns * MemoryLayout<Element>.size }

        /// The view of a range of rows.
        func rows(_ range: Range<Int>) -> View {
            View(
                start: start + range.lowerBound * Self.rowStride, scales: scales, rows: range.count, columns: columns,
                panelStride: panelStride)
        }

        /// Computes the scales of a panel and its elements, which beyond the last column are 0.
        fileprivate func pack(_ source: MatrixView, panel: Int) {
            let first = panel * Self.panelColumns
            let columns = first..<min(source.columns, first + Self.panelColumns)
            for row in 0..<rows {
                for column in columns {
                    scales[column] = max(scales[column], abs(source.row(row)[column * source.columnStride]))
                }
            }
            for column in columns { scales[column] = Element.scale(largest: scales[column]) }
            var target = start + panel * panelStride
            for row in 0..<rows {
                for column in first..<first + Self.panelColumns {
                    let value = column < source.columns ? source.row(row)[column * source.columnStride] : 0
                    target.storeBytes(of: Element(value, scale: scales[column]), as: Element.self)
                    target += MemoryLayout<Element>.size
                }
            }
        }

        /// Computes a range of columns of `c = a b + addend` for a few rows on the calling thread.
        ///
        /// Each element is summed in the order of the depth, whatever the range and however many rows there are.
        func multiply(_ a: MatrixView, columns: Range<Int>, into c: MatrixView, plus addend: MatrixView? = nil) {
            let end = (columns.upperBound + Self.panelColumns - 1) / Self.panelColumns
            var row = 0
            while row < a.rows {
                let rows = a.rows - row >= 4 ? 4 : a.rows - row >= 2 ? 2 : 1
                var panel = columns.lowerBound / Self.panelColumns
                while panel < end {
                    let most = min(4 / rows, end - panel)
                    let panels = most >= 4 ? 4 : most >= 2 ? 2 : 1
                    switch (rows, panels) {
                    case (1, 4): PackedTile<Element, 1, 4>.multiply(a, row, self, panel, columns, into: c, addend)
                    case (1, 2): PackedTile<Element, 1, 2>.multiply(a, row, self, panel, columns, into: c, addend)
                    case (1, 1): PackedTile<Element, 1, 1>.multiply(a, row, self, panel, columns, into: c, addend)
                    case (2, 2): PackedTile<Element, 2, 2>.multiply(a, row, self, panel, columns, into: c, addend)
                    case (2, 1): PackedTile<Element, 2, 1>.multiply(a, row, self, panel, columns, into: c, addend)
                    default: PackedTile<Element, 4, 1>.multiply(a, row, self, panel, columns, into: c, addend)
                    }
                    panel += panels
                }
                row += rows
            }
        }
    }
}

/// A register tile of a product with a packed weight: `rows` x `panels`, at most eight registers, which leaves room for elements
/// being widened. Not inlined, for the same reason as ``SkinnyMatmul``'s tiles.
private enum PackedTile<Element: PackedElement, let rows: Int, let panels: Int> {
    @inline(never)
    static func multiply(
        _ a: MatrixView, _ firstRow: Int, _ b: PackedWeight<Element>.View, _ firstPanel: Int, _ columns: Range<Int>,
        into c: MatrixView, _ addend: MatrixView?
    ) {
        let size = MemoryLayout<Element>.size
        var elements = UnsafeRawPointer(b.start + firstPanel * b.panelStride)
        var left = UnsafePointer(a.row(firstRow))
        var accumulators = InlineArray<8, Vector> { _ in Vector() }
        for _ in 0..<b.rows {
            for index in 0..<2 * panels {
                let element = Element.vector(at: elements + index / 2 * b.panelStride + index % 2 * vectorWidth * size)
                for row in 0..<rows {
                    accumulators[2 * panels * row + index] = accumulators[2 * panels * row + index]
                        .adding(product: Vector(repeating: left[row * a.rowStride]), element)
                }
            }
            left += a.columnStride
            elements += PackedWeight<Element>.View.rowStride
        }
        for row in 0..<rows {
            let (target, addend) = (c.row(firstRow + row), addend?.row(firstRow + row))
            for index in 0..<2 * panels {
                let column = (2 * firstPanel + index) * vectorWidth
                var sum = accumulators[2 * panels * row + index] * Vector(at: b.scales + column)
                if columns.lowerBound <= column && column + vectorWidth <= columns.upperBound {
                    if let addend { sum += Vector(at: addend + column) }
                    sum.store(to: target + column)
                } else {
                    for lane in 0..<vectorWidth where columns.contains(column + lane) {
                        target[column + lane] = sum[lane] + (addend?[column + lane] ?? 0)
                    }
                }
            }
        }
    }
}
