extension Reference {
    /// The elements along the axis of an array of shape (outer, size, inner), one list for each place of (outer, inner).
    private static func alongAxis(_ input: [Float], size: Int, inner: Int) -> [[Float]] {
        (0..<(size * inner > 0 ? input.count / size : 0)).map { place in
            (0..<size).map { input[(place / inner * size + $0) * inner + place % inner] }
        }
    }

    /// The sum along an axis.
    ///
    /// Shape: (outer, size, inner) -> (outer, inner)
    package static func sumAxis(_ input: [Float], size: Int, inner: Int) -> [Float] {
        alongAxis(input, size: size, inner: inner).map { Float(sum($0)) }
    }

    /// The maximum along an axis.
    ///
    /// Shape: (outer, size, inner) -> (outer, inner)
    package static func maximumAxis(_ input: [Float], size: Int, inner: Int) -> [Float] {
        alongAxis(input, size: size, inner: inner).map { $0.max()! }
    }

    /// The gradient of ``maximumAxis(_:size:inner:)``: at the first of the largest elements.
    package static func maximumAxisGradient(
        _ input: [Float], size: Int, inner: Int, outputGradient: [Float]
    ) -> [Float] {
        var gradient = [Float](repeating: 0, count: input.count)
        for (place, elements) in alongAxis(input, size: size, inner: inner).enumerated() {
            let first = elements.firstIndex(of: elements.max()!)!
            gradient[(place / inner * size + first) * inner + place % inner] = outputGradient[place]
        }
        return gradient
    }

    /// The elements of an array at strides, in the order of an array with these sizes.
    package static func strided(_ source: [Float], from start: Int, sizes: [Int], strides: [Int]) -> [Float] {
        guard let size = sizes.first else { return [source[start]] }
        return (0..<size).flatMap { index in
            strided(
                source, from: start + index * strides[0], sizes: Array(sizes.dropFirst()),
                strides: Array(strides.dropFirst()))
        }
    }
}
