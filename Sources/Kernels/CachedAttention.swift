import CPUSupport
import Foundation

/// Attention of one new character per text, with the keys and values of those before it kept from when they were new.
package enum CachedAttention {
    /// Appends the new character's key and value to the cache and computes its output, for some of the heads.
    ///
    /// Shape: `queryKeyValue` (batch, 3 x channels), `cache` (batch, capacity, 2 x channels: key, value)
    /// -> `output` (batch, channels), `weights` (batch, heads, capacity)
    ///
    /// - Parameters:
    ///   - queryKeyValue: Query, key and value of the new character of each text.
    ///   - shape: The sizes; the time is that of the cache, its capacity.
    ///   - cache: Keys and values so far.
    ///   - position: How many characters the cache already holds.
    ///   - heads: Which heads to compute.
    ///   - weights: The weights that they give.
    ///   - output: The weighted values.
    static func forward(
        _ queryKeyValue: UnsafePointer<Float>, _ shape: AttentionShape, cache: UnsafeMutablePointer<Float>,
        position: Int, heads: Range<Int>, weights: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>
    ) {
        let channels = shape.channels
        for text in 0..<shape.batch {
            let fresh = queryKeyValue + text * 3 * channels
            let cached = cache + text * shape.time * 2 * channels
            for head in heads {
                let first = head * shape.headWidth
                for part in 0..<2 {
                    (cached + (2 * position + part) * channels + first).update(
                        from: fresh + (1 + part) * channels + first, count: shape.headWidth)
                }
                attend(
                    query: fresh + first, keys: cached + first, channels: channels, width: shape.headWidth,
                    count: position + 1, weights: weights + (text * shape.heads + head) * shape.time,
                    output: output + text * channels + first)
            }
        }
    }

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
