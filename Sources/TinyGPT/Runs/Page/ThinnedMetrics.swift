import Foundation

/// The training steps of a run as points of a chart: a bounded number, however many steps there are.
///
/// Each point stands for the same number of steps, the last one perhaps for fewer. When there are too many, every two become one.
package struct ThinnedMetrics {
    /// Steps that follow one another.
    package struct Point {
        /// The last step, and how many there are.
        package var step: Int
        var count = 1
        /// Time spent on training at the end, in seconds.
        var seconds: Double
        /// Means over the steps.
        package var loss, learningRate, gradientNorm, speed: Double
        /// The lowest and the highest loss of a step.
        var lowest, highest: Double
    }

    /// The points, in order.
    package private(set) var points: [Point] = []
    private let limit: Int
    /// How many steps a point stands for.
    private var stride = 1

    /// - Parameter limit: The most points, an even number.
    package init(limit: Int) {
        precondition(limit >= 2 && limit.isMultiple(of: 2), "\(limit) points, expected an even number")
        self.limit = limit
    }

    /// Adds the row of a step; rows of validations are left out.
    package mutating func append(_ row: MetricsLog.Row) {
        guard row.split == .train else { return }
        let new = Point(row)
        if let last = points.last, last.count < stride {
            points[points.count - 1].merge(new)
            return
        }
        if points.count == limit {
            points = Swift.stride(from: 0, to: limit, by: 2).map { place in
                var point = points[place]
                point.merge(points[place + 1])
                return point
            }
            stride *= 2
        }
        points.append(new)
    }
}

extension ThinnedMetrics.Point {
    fileprivate init(_ row: MetricsLog.Row) {
        self.init(
            step: row.step, seconds: row.seconds ?? .nan, loss: row.loss, learningRate: row.learningRate ?? .nan,
            gradientNorm: row.gradientNorm ?? .nan, speed: row.tokensPerSecond ?? .nan, lowest: row.loss,
            highest: row.loss)
    }

    /// Takes in the steps that follow.
    fileprivate mutating func merge(_ next: Self) {
        let (own, other) = (Double(count), Double(next.count))
        for mean in [\Self.loss, \.learningRate, \.gradientNorm, \.speed] {
            self[keyPath: mean] = (own * self[keyPath: mean] + other * next[keyPath: mean]) / (own + other)
        }
        (step, seconds, count) = (next.step, next.seconds, count + next.count)
        (lowest, highest) = (min(lowest, next.lowest), max(highest, next.highest))
    }
}

/// A bounded number of what comes in order: the first, every second, every fourth and so on, and always the last.
struct Thinned<Element> {
    private var kept: [Element] = []
    private var last: Element?
    private let limit: Int
    private var stride = 1
    private var count = 0

    /// - Parameter limit: The most elements besides the last.
    init(limit: Int) { self.limit = limit }

    /// Those that are kept, in order.
    var elements: [Element] { kept + [last].compactMap { $0 } }

    mutating func append(_ element: Element) {
        if count.isMultiple(of: stride) {
            if kept.count == limit {
                kept = Swift.stride(from: 0, to: limit, by: 2).map { kept[$0] }
                stride *= 2
            }
            if count.isMultiple(of: stride) { kept.append(element) }
        }
        last = count.isMultiple(of: stride) ? nil : element
        count += 1
    }
}
