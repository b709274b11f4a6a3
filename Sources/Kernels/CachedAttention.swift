import CPUSupport
import Foundation

/// Attention of one new character per text, with the keys and values of those before it kept from when they were new.
package enum CachedAttention {
    /// Appends the new character's key and value to the cache and computes its output.
    ///
    /// Shape: `queryKeyValue` (batch, 3 x channels), `cache` (batch, capacity, 2 x channels: key, value)
    /// -> `output` (batch, channels)
    ///
    /// - Parameters:
    ///   - queryKeyValue: Query, key and value of the new character of each text.
    ///   - shape: The sizes; the time is that of the cache, its capacity.
    ///   - cache: Keys and values so far.
    ///   - position: How many characters the cache already holds.
    ///   - scores: Working memory, as much as ``scoreCount(texts:heads:capacity:)`` says.
    ///   - output: The weighted values.
    package static func forward(
        _ queryKeyValue: Buffer, _ shape: AttentionShape, cache: Buffer, position: Int, scores: Buffer, output: Buffer
    ) {
        require(position < shape.time, "position \(position) of a cache of \(shape.time)")
        let channels = shape.channels
        // One text is too little work to wake a second thread for.
        let size =
            shape.batch * shape.heads * (position + 1) * shape.headWidth < 1 << 16 ? shape.batch * shape.heads : 1
        for text in 0..<shape.batch {
            let fresh = queryKeyValue.pointer + text * 3 * channels + channels
            (cache.pointer + (text * shape.time + position) * 2 * channels).update(from: fresh, count: 2 * channels)
        }
        Parallel.forEachRange(shape.batch * shape.heads, size: size) { indices in
            for index in indices {
                let (text, head) = (index / shape.heads, index % shape.heads)
                attend(
                    query: queryKeyValue.pointer + text * 3 * channels + head * shape.headWidth,
                    keys: cache.pointer + text * shape.time * 2 * channels + head * shape.headWidth,
                    channels: channels, width: shape.headWidth, count: position + 1,
                    weights: scores.pointer + index * shape.time,
                    output: output.pointer + text * channels + head * shape.headWidth)
            }
        }
    }

    /// How many floats of working memory a step needs.
    package static func scoreCount(texts: Int, heads: Int, capacity: Int) -> Int { texts * heads * capacity }

    private static func attend(
        query: UnsafePointer<Float>, keys: UnsafePointer<Float>, channels: Int, width: Int, count: Int,
        weights: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>
    ) {
        let scale = 1 / Float(width).squareRoot()
        for position in 0..<count {
            let key = keys + position * 2 * channels
            var products = Vector()
            forEachVector(width) { channel, lanes in
                products = products.adding(
                    product: Vector(at: query + channel, lanes: lanes), Vector(at: key + channel, lanes: lanes))
            }
            weights[position] = products.total * scale
        }
        let logSum = Vector(repeating: SoftmaxKernel.logSumOfExponentials(weights, count))
        forEachVector(count) { position, lanes in
            exponential(Vector(at: weights + position, lanes: lanes) - logSum).store(
                to: weights + position, lanes: lanes)
        }
        let values = keys + channels
        forEachVector(width) { channel, lanes in
            var sums = Vector()
            for position in 0..<count {
                sums = sums.adding(
                    product: Vector(repeating: weights[position]),
                    Vector(at: values + position * 2 * channels + channel, lanes: lanes))
            }
            sums.store(to: output + channel, lanes: lanes)
        }
    }

    /// Fills the cache with the keys and values of a whole passage.
    ///
    /// Shape: `queryKeyValue` (batch, time, 3 x channels), `cache` (batch, capacity, 2 x channels: key, value)
    package static func fill(_ cache: Buffer, capacity: Int, from queryKeyValue: Buffer, _ shape: AttentionShape) {
        require(shape.time <= capacity, "\(shape.time) positions do not go into a cache of \(capacity)")
        let channels = shape.channels
        for text in 0..<shape.batch {
            for position in 0..<shape.time {
                let source = queryKeyValue.pointer + (text * shape.time + position) * 3 * channels + channels
                let target = cache.pointer + (text * capacity + position) * 2 * channels
                target.update(from: source, count: 2 * channels)
            }
        }
    }
}
