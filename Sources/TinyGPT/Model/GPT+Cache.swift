import Autograd
import Layers

extension GPT {
    /// The keys and values of the characters so far, for every layer.
    public struct Cache {
        fileprivate let layers: [KeyValueCache]

        /// How many characters it holds.
        public var count: Int { layers[0].count }

        /// The most characters it can hold.
        public var capacity: Int { layers[0].capacity }

        /// Creates an empty cache for a model, as large as its context.
        public init(for model: GPT) {
            layers = model.blocks.map { _ in KeyValueCache(capacity: model.configuration.context) }
        }

        /// Forgets all characters.
        public func removeAll() { for layer in layers { layer.removeAll() } }
    }

    /// The logits of the character after the last one, given also those in the cache, to which these are appended.
    ///
    /// Shape: tokens (B, T), row after row -> (B, V); T is 1 unless the cache is empty.
    ///
    /// - Precondition: The model is ``frozen``, and the cache has room.
    public func next(_ tokens: [Int32], batch: Int, cache: Cache) -> Tensor {
        var h = embed(tokens, batch: batch, from: cache.count)
        for (block, layer) in zip(blocks, cache.layers) { h = block(h, cache: layer) }
        let (_, time, width) = h.shape3
        let last = (1...batch).map { Int32($0 * time - 1) }
        return logits(h.reshaped([batch * time, width]).rows(last, shape: [batch]))
    }
}
