/// The sizes of a tensor along its axes, outermost first; a scalar has no axes.
public struct Shape: Equatable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
    /// Inline rather than in an array: shapes are made too often to allocate memory for each.
    private var sizes = InlineArray<4, Int>(repeating: 1)

    /// The number of axes, from 0 to 4.
    public let rank: Int

    /// The shape of a tensor with an axis for each size.
    ///
    /// - Parameter sizes: The sizes of the axes, outermost first, at most four and none negative; none for a scalar. A size of
    ///   0 makes a tensor without elements.
    public init(_ sizes: [Int]) {
        precondition(sizes.count <= 4, "a shape has at most 4 axes, got \(sizes)")
        precondition(sizes.allSatisfy { $0 >= 0 }, "no axis of a shape is negative, got \(sizes)")
        rank = sizes.count
        for (axis, size) in sizes.enumerated() { self.sizes[axis] = size }
    }

    /// The shape `[2, 3]`, as ``init(_:)`` makes it.
    public init(arrayLiteral sizes: Int...) { self.init(sizes) }

    /// The size along an axis; negative axes count from the innermost, which is -1.
    ///
    /// - Precondition: The axis is from -``rank`` up to, not including, ``rank``.
    public subscript(axis: Int) -> Int { sizes[self.axis(axis)] }

    /// The number of elements of a tensor of this shape: the product of the sizes, 1 for a scalar.
    public var count: Int { sizes[0] * sizes[1] * sizes[2] * sizes[3] }

    /// The sizes as an array.
    public var array: [Int] { (0..<rank).map { sizes[$0] } }

    /// The same shape with another size along the innermost axis.
    ///
    /// - Precondition: There is an axis, and the size is not negative.
    public func replacingLast(with size: Int) -> Shape {
        precondition(rank > 0, "a scalar has no innermost axis to replace")
        var sizes = array
        sizes[rank - 1] = size
        return Shape(sizes)
    }

    /// The same shape with another size along an axis from 0 on.
    func replacing(_ axis: Int, with size: Int) -> Shape {
        var shape = self
        shape.sizes[axis] = size
        return shape
    }

    /// The shape of a sum along an axis, which stays with size 1 or goes.
    func reduced(_ axis: Int, _ keepingAxis: Bool) -> Shape {
        if keepingAxis { return replacing(axis, with: 1) }
        var sizes = array
        sizes.remove(at: axis)
        return Shape(sizes)
    }

    /// The number of an axis, from 0 on, of one that may be counted from the innermost.
    ///
    /// - Precondition: There is this axis.
    func axis(_ axis: Int) -> Int {
        let index = axis < 0 ? rank + axis : axis
        precondition(index >= 0 && index < rank, "axis \(axis) of the shape \(self)")
        return index
    }

    /// The elements from one index of each axis to the next.
    var strides: [Int] {
        var stride = 1
        return array.reversed().map { size in
            defer { stride *= size }
            return stride
        }.reversed()
    }

    /// The axes of a batch of matrices without the two of each matrix.
    var outer: Shape { Shape(Array(array.dropLast(2))) }

    /// The same shape with as many axes of size 1 in front as make `rank` axes.
    func padded(to rank: Int) -> Shape { Shape([Int](repeating: 1, count: rank - self.rank) + array) }

    /// The shape that both can be repeated to, their innermost axes aligned; nil if sizes differ and neither is 1.
    func broadcast(with other: Shape) -> Shape? {
        let rank = max(rank, other.rank)
        let (a, b) = (padded(to: rank), other.padded(to: rank))
        guard (0..<rank).allSatisfy({ a[$0] == b[$0] || a[$0] == 1 || b[$0] == 1 }) else { return nil }
        return Shape((0..<rank).map { a[$0] == 1 ? b[$0] : a[$0] })
    }

    /// Whether `other` has the same innermost axes, so that it can be repeated along the outer ones.
    func ends(with other: Shape) -> Bool {
        other.rank <= rank && (0..<other.rank).allSatisfy { self[$0 - other.rank] == other[$0 - other.rank] }
    }

    /// `(2, 3)`
    public var description: String { "(" + array.map(String.init).joined(separator: ", ") + ")" }

    /// Whether all sizes agree.
    public static func == (a: Shape, b: Shape) -> Bool {
        a.rank == b.rank && (0..<4).allSatisfy { a.sizes[$0] == b.sizes[$0] }
    }
}
