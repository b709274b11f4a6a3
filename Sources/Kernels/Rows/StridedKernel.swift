import CPUSupport

/// The copy between arrays with strides: what transposition, slices, concatenation and broadcasting are made of.
package enum StridedKernel {
    /// An axis of a copy: its size, and the floats from one element to the next in the source and in the target.
    package struct Axis {
        let size: Int
        let source: Int, target: Int

        /// An axis; a stride of 0 in the source repeats its element.
        package init(size: Int, source: Int, target: Int) {
            (self.size, self.source, self.target) = (size, source, target)
        }
    }

    /// Copies elements: `target[place + i t0 + j t1 + ...] = source[start + i s0 + j s1 + ...]`, where s and t are the strides
    /// and i, j and so on go through the axes.
    ///
    /// - Parameters:
    ///   - source: Where elements come from.
    ///   - start: The source's first element.
    ///   - target: Where they go; the others there stay as they are.
    ///   - place: The target's first element.
    ///   - axes: At most four, outermost first, with strides that are not negative.
    package static func copy(
        _ source: Buffer, from start: Int = 0, to target: Buffer, at place: Int = 0, axes: [Axis]
    ) {
        guard axes.allSatisfy({ $0.size > 0 }) else { return }
        let (lastRead, lastWritten) = axes.reduce((start, place)) { last, axis in
            (last.0 + (axis.size - 1) * axis.source, last.1 + (axis.size - 1) * axis.target)
        }
        require(
            axes.count <= 4 && start >= 0 && place >= 0 && lastRead < source.count && lastWritten < target.count
                && axes.allSatisfy { $0.source >= 0 && $0.target >= 0 },
            "a copy from \(start)...\(lastRead) of \(source.count) to \(place)...\(lastWritten) of \(target.count)")
        withExtendedLifetime((source, target)) {
            var outer = merged(axes)
            let inner = outer.popLast() ?? Axis(size: 1, source: 1, target: 1)
            let (x, y) = (source.pointer + start, target.pointer + place)
            if inner.source > 1, inner.target == 1, let across = outer.firstIndex(where: { $0.source == 1 }) {
                let columns = outer.remove(at: across)
                transpose(Rows(outer), columns, inner, x, y)
            } else {
                copyRows(Rows(outer), inner, x, y)
            }
        }
    }

    /// The same axes without those of size 1, and each pair that is one run of elements in both arrays as one axis.
    private static func merged(_ axes: [Axis]) -> [Axis] {
        axes.reduce(into: []) { result, axis in
            guard axis.size > 1 else { return }
            if let outer = result.last, outer.source == axis.size * axis.source,
                outer.target == axis.size * axis.target
            {
                result.removeLast()
                result.append(Axis(size: outer.size * axis.size, source: axis.source, target: axis.target))
            } else {
                result.append(axis)
            }
        }
    }

    /// The axes outside the innermost loop, as numbered rows. Not an array, which would be reference-counted.
    private struct Rows {
        private var axes = InlineArray<3, Axis>(repeating: Axis(size: 1, source: 0, target: 0))
        let count: Int

        init(_ outer: [Axis]) {
            for (index, axis) in outer.enumerated() { axes[index] = axis }
            count = outer.reduce(1) { $0 * $1.size }
        }

        /// The first elements of a row in source and target.
        @inline(__always)
        func place(_ row: Int) -> (source: Int, target: Int) {
            var (rest, source, target) = (row, 0, 0)
            for index in (0..<3).reversed() where axes[index].size > 1 {
                let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: axes[index].size)
                source += remainder * axes[index].source
                target += remainder * axes[index].target
                rest = quotient
            }
            return (source, target)
        }
    }

    private static func copyRows(
        _ rows: Rows, _ inner: Axis, _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>
    ) {
        Parallel.forEachRange(rows.count, grain: max(1, (1 << 14) / inner.size)) { range in
            for row in range {
                let place = rows.place(row)
                let (x, y) = (source + place.source, target + place.target)
                if inner.source == 1 && inner.target == 1 {
                    y.update(from: x, count: inner.size)
                } else if inner.source == 0 && inner.target == 1 {
                    y.update(repeating: x[0], count: inner.size)
                } else {
                    for index in 0..<inner.size { y[index * inner.target] = x[index * inner.source] }
                }
            }
        }
    }

    /// Source rows that are transposed together.
    private static let blockRows = 64

    /// Copies planes whose elements are contiguous along `columns` in the source and along `inner` in the target.
    private static func transpose(
        _ planes: Rows, _ columns: Axis, _ inner: Axis, _ source: UnsafePointer<Float>,
        _ target: UnsafeMutablePointer<Float>
    ) {
        let blocks = (inner.size + blockRows - 1) / blockRows
        let grain = max(1, (1 << 14) / (min(inner.size, blockRows) * columns.size))
        Parallel.forEachRange(planes.count * blocks, grain: grain) { range in
            for index in range {
                let (plane, block) = index.quotientAndRemainder(dividingBy: blocks)
                let (place, first) = (planes.place(plane), block * blockRows)
                transposeBlock(
                    from: source + place.source + first * inner.source, stride: inner.source,
                    rows: min(blockRows, inner.size - first), columns: columns.size,
                    to: target + place.target + first, stride: columns.target)
            }
        }
    }
}
