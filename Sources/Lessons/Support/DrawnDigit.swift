import Foundation
import TinyGPT

/// Digits drawn with a pen: strokes through a few points, each time bent, turned, moved, blurred and spotted in another way.
enum DrawnDigit {
    /// Pixels along each side of a picture, as in MNIST.
    static let side = 28

    /// A point on a sheet 10 wide and 14 high, x to the right and y down.
    private typealias Point = SIMD2<Double>

    /// The strokes of each digit. A point given twice is a corner.
    private static let strokes: [[[Point]]] = [
        [[[5, 1], [2.2, 4], [2.2, 10], [5, 13], [7.8, 10], [7.8, 4], [5, 1]]],
        [[[3, 4], [5.5, 1], [5.3, 7], [5.2, 13]]],
        [[[2.3, 4], [3.5, 1.3], [6.5, 1.3], [7.6, 4], [6, 7.5], [2, 13], [2, 13], [5, 12.5], [8, 13]]],
        [[[2.5, 2], [5, 1], [7.3, 3.5], [4.5, 6.5], [4.5, 6.5], [7.8, 9.5], [5.5, 13], [2.2, 12]]],
        [[[4, 1], [2, 8], [2, 8], [5, 8.3], [8.3, 8]], [[6.6, 1.5], [6.4, 7], [6.3, 13]]],
        [[[7.5, 1], [3, 1.2], [3, 1.2], [2.7, 6], [2.7, 6], [6, 5.8], [7.8, 9.5], [5.5, 13], [2.2, 12]]],
        [[[6.8, 1], [3.5, 5], [2.3, 10], [5, 13], [7.6, 10], [5.2, 7.3], [2.5, 9.5]]],
        [[[2, 1.6], [5, 1.4], [7.8, 1.2], [7.8, 1.2], [5.5, 7], [4, 13]]],
        [[[7.2, 3], [5, 1], [2.8, 3.5], [5, 6.8], [7.5, 10], [5, 13], [2.5, 10], [5, 6.8], [7.2, 3]]],
        [[[7.4, 4.5], [5, 6.8], [2.5, 4], [5, 1], [7.5, 4], [7, 9], [5.5, 13]]],
    ]

    /// A picture of a digit, row after row: 0 is paper, 1 is ink.
    static func draw(_ digit: Int, _ random: inout RandomStream) -> [Float] {
        /// A number between -1 and 1 times `size`.
        func some(_ size: Double) -> Double { (2 * random.uniform() - 1) * size }

        let (turn, slant) = (some(0.25), some(0.35))
        let (width, height) = (1.6 + some(0.3), 1.5 + some(0.2))
        let right = Point(cos(turn), sin(turn)) * width
        let down = Point(slant * cos(turn) - sin(turn), slant * sin(turn) + cos(turn)) * height
        let center = Point(13.5 + some(2), 13.5 + some(2))
        let (radius, blur) = (1.1 + some(0.4), 1.2 + some(0.4))

        var picture = [Float](repeating: 0, count: side * side)
        for stroke in strokes[digit] {
            var bent = stroke.map { $0 + Point(some(0.75), some(0.75)) }
            for index in stroke.indices.dropFirst() where stroke[index] == stroke[index - 1] {
                bent[index] = bent[index - 1]
            }
            for point in curve(through: bent) {
                let place = center + (point.x - 5) * right + (point.y - 7) * down
                dab(at: place, radius: radius, blur: blur, into: &picture)
            }
        }
        return picture.map { min(max($0 + Float(some(0.2)), 0), 1) }
    }

    /// Points a third of a unit apart on a smooth line through `points` (a Catmull-Rom spline): between two of them it is a
    /// polynomial of the third degree, whose direction at each is that from its neighbor before to its neighbor after.
    private static func curve(through points: [Point]) -> [Point] {
        var result = [points[0]]
        for index in points.indices.dropLast() {
            let (start, end) = (points[index], points[index + 1])
            let before = points[max(index - 1, 0)], after = points[min(index + 2, points.count - 1)]
            let length = ((end - start) * (end - start)).sum().squareRoot()
            let steps = Int((length * 3).rounded(.up))
            for step in 0..<steps {
                let t = Double(step + 1) / Double(steps)
                let linear: Point = end - before
                let square: Point = 2 * before - 5 * start + 4 * end - after
                let cube: Point = 3 * start - before - 3 * end + after
                let doubled: Point = 2 * start + linear * t + square * (t * t) + cube * (t * t * t)
                result.append(0.5 * doubled)
            }
        }
        return result
    }

    /// A round dab of ink that fades at its edge over `blur` pixels.
    private static func dab(at place: Point, radius: Double, blur: Double, into picture: inout [Float]) {
        let reach = radius + blur / 2
        func pixels(_ middle: Double) -> ClosedRange<Int>? {
            let (first, last) = (
                max(0, Int((middle - reach).rounded(.up))), min(side - 1, Int((middle + reach).rounded(.down)))
            )
            return first <= last ? first...last : nil
        }
        guard let rows = pixels(place.y), let columns = pixels(place.x) else { return }
        for row in rows {
            for column in columns {
                let (x, y) = (Double(column) - place.x, Double(row) - place.y)
                let ink = Float((reach - (x * x + y * y).squareRoot()) / blur)
                picture[row * side + column] = max(picture[row * side + column], min(ink, 1))
            }
        }
    }
}
