import Kernels

extension Tensor {
    /// Causal multi-head self-attention over queries, keys and values side by side
    /// (Vaswani et al. 2017, section 3.2): softmax(Q K^T / sqrt(D)) V for each head, looking only back.
    ///
    /// Shape: (B, T, 3C) -> (B, T, C)
    ///
    /// - Parameters:
    ///   - heads: How many heads share the channels.
    ///   - dropout: What to drop of the weights.
    /// - Returns: What the heads have gathered, side by side.
    public func causalSelfAttention(heads: Int, dropout: Dropout? = nil) -> Tensor {
        let mask = dropout?.mask
        let sizes = attentionShape(heads: heads)
        let (input, output, logSums) = (buffer, Buffer(uninitialized: shape.count / 3), logSumBuffer(sizes))
        AttentionKernel.forward(input, sizes, mask: mask, output: output, logSums: logSums)
        return .recorded(
            "attention", shape: shape.replacingLast(with: sizes.channels), buffer: output, inputs: [self]
        ) { gradient in
            let inputGradient = Buffer(uninitialized: input.count)
            AttentionKernel.backward(
                input, sizes, mask: mask, output: output, logSums: logSums, outputGradient: gradient,
                gradient: inputGradient)
            return [inputGradient]
        }
    }

    /// The weights that ``causalSelfAttention(heads:dropout:)`` gives to every earlier position, by the same kernel.
    ///
    /// Shape: (B, T, 3C) -> (B, H, T, T), each row over the positions looked at, 0 for the future.
    public func causalSelfAttentionWeights(heads: Int) -> Tensor {
        let sizes = attentionShape(heads: heads)
        let weights = Buffer(uninitialized: sizes.batch * heads * sizes.time * sizes.time)
        AttentionKernel.forward(
            buffer, sizes, output: Buffer(uninitialized: shape.count / 3), logSums: logSumBuffer(sizes),
            weights: weights)
        return Tensor(shape: [sizes.batch, heads, sizes.time, sizes.time], buffer: weights)
    }

    /// ``causalSelfAttention(heads:dropout:)`` as if what the cache holds stood before these positions, which are
    /// appended to it.
    ///
    /// Shape: (B, T, 3C) -> (B, T, C); T is 1 unless the cache is empty.
    public func causalSelfAttention(heads: Int, cache: KeyValueCache) -> Tensor {
        let sizes = attentionShape(heads: heads)
        precondition(!isTracked, "a cache holds no gradients: use constant parameters")
        let storage = cache.reserve(batch: sizes.batch, channels: sizes.channels, count: sizes.time)
        let output = Buffer(uninitialized: shape.count / 3)
        if cache.count == 0 {
            AttentionKernel.forward(buffer, sizes, output: output, logSums: logSumBuffer(sizes))
            CachedAttention.fill(storage, capacity: cache.capacity, from: buffer, sizes)
        } else {
            precondition(sizes.time == 1, "\(sizes.time) positions at once for a cache that is not empty")
            let capacity = AttentionShape(
                batch: sizes.batch, heads: heads, time: cache.capacity, headWidth: sizes.headWidth)
            CachedAttention.forward(buffer, capacity, cache: storage, position: cache.count, output: output)
        }
        cache.count += sizes.time
        return Tensor(shape: shape.replacingLast(with: sizes.channels), buffer: output)
    }

    private func attentionShape(heads: Int) -> AttentionShape {
        let (batch, time, triple) = shape3
        precondition(
            triple % (3 * heads) == 0, "\(shape) is not queries, keys and values for \(heads) heads side by side")
        return AttentionShape(batch: batch, heads: heads, time: time, headWidth: triple / 3 / heads)
    }

    private func logSumBuffer(_ sizes: AttentionShape) -> Buffer {
        Buffer(uninitialized: sizes.batch * sizes.heads * sizes.time)
    }
}

/// The keys and values of the characters so far, kept so that a new one costs one row and not all of them.
public final class KeyValueCache {
    /// The most positions it can hold.
    public let capacity: Int
    /// How many positions it holds.
    public fileprivate(set) var count = 0
    /// Shape: (B, capacity, 2C)
    private var storage: Buffer?

    /// Creates an empty cache.
    public init(capacity: Int) { self.capacity = capacity }

    /// Forgets all positions.
    public func removeAll() { count = 0 }

    fileprivate func reserve(batch: Int, channels: Int, count further: Int) -> Buffer {
        precondition(count + further <= capacity, "\(count) + \(further) positions in a cache for \(capacity)")
        let size = batch * capacity * 2 * channels
        if let storage, storage.count == size { return storage }
        precondition(count == 0, "a cache of \(count) positions was filled with other sizes")
        let fresh = Buffer(uninitialized: size)
        storage = fresh
        return fresh
    }
}
