import Layers

/// The windows of text that each step trains on.
///
/// They depend only on the seed and the step, so a resumed run draws the batches it would have drawn, and nothing has to
/// be saved for that.
public final class BatchSampler {
    /// Which windows a step takes.
    public enum Order: String, CaseIterable, Codable, Sendable {
        /// Each window of an epoch once, in an order that is drawn anew for each, as is where the first one begins.
        case shuffled
        /// Drawn at random with replacement.
        case random
    }

    private let tokens: TokenArray
    private let rows: Int
    private let context: Int
    private let seed: UInt64
    private let order: Order
    /// The lines, where each is a text of its own.
    private let lines: LineWindows?
    /// The most windows that are put in order at once.
    private let partSize: Int
    /// The part of an epoch that was drawn last, counted over all epochs: where the epoch's first window begins, and the order of
    /// the part's windows, four bytes each.
    private var part: (number: Int, first: Int, order: [UInt32])?

    /// Draws from tokens.
    ///
    /// - Parameters:
    ///   - tokens: The tokens to train on.
    ///   - batch: Windows in a batch.
    ///   - context: The length of a window, in tokens.
    ///   - seed: The seed of the run.
    ///   - order: Which windows a batch takes.
    ///   - lineBreak: The token between lines that are texts of their own, each a window; nil where the text is one.
    ///   - partSize: The most windows that are put in order at once, so that the order of a long text takes 1 MB.
    /// - Precondition: There is a line, or there are more than `context` tokens; `batch` and `context` are positive.
    public init(
        tokens: TokenArray, batch: Int, context: Int, seed: UInt64, order: Order = .random, lineBreak: Int32? = nil,
        partSize: Int = 1 << 18
    ) {
        precondition(batch > 0 && context > 0, "a batch needs windows and a length, got \(batch) of \(context)")
        precondition(
            lineBreak != nil || tokens.count > context,
            "\(tokens.count) tokens hold no window of \(context) and its target")
        lines = lineBreak.map { LineWindows(tokens, lineBreak: $0) }
        self.tokens = tokens
        self.rows = batch
        self.context = context
        self.seed = seed
        self.order = order
        self.partSize = partSize
    }

    /// The windows of a batch and, for every token in them, the one that follows.
    ///
    /// Shape: inputs and targets (batch, context), row after row. Of lines, as many columns as the longest needs; behind the end
    /// of a shorter one the targets are -1.
    ///
    /// - Parameter number: The number of the batch, counting from 0: the step, as long as each step takes one.
    /// - Returns: The tokens of the windows, and the token to predict at each place.
    /// - Precondition: `number` is not negative.
    public func batch(at number: Int) -> (inputs: [Int32], targets: [Int32]) {
        precondition(number >= 0, "a batch's number is never negative, got \(number)")
        if let lines {
            let batch = lines.batch(self.lines(ofBatch: number, of: lines.count))
            return (batch.inputs, batch.targets)
        }
        var inputs: [Int32] = []
        var targets: [Int32] = []
        inputs.reserveCapacity(rows * context)
        targets.reserveCapacity(rows * context)
        for start in starts(ofBatch: number) {
            inputs += tokens[start..<start + context]
            targets += tokens[start + 1..<start + context + 1]
        }
        return (inputs, targets)
    }

    private func starts(ofBatch number: Int) -> [Int] {
        // One less than there is room for, so that the first can begin anywhere within a window's length.
        let windows = max(1, (tokens.count - 1) / context - 1)
        let firsts = min(context, tokens.count - windows * context)
        return switch order {
        case .random: drawn(forBatch: number, of: tokens.count - context)
        case .shuffled: shuffled(forBatch: number, of: windows, firsts: firsts).map { $0.first + $0.window * context }
        }
    }

    private func lines(ofBatch number: Int, of count: Int) -> [Int] {
        switch order {
        case .random: drawn(forBatch: number, of: count)
        case .shuffled: shuffled(forBatch: number, of: count).map(\.window)
        }
    }

    private func drawn(forBatch number: Int, of count: Int) -> [Int] {
        var random = RandomStream(seed: seed, purpose: .data, counter: UInt64(number))
        return (0..<rows).map { _ in random.below(count) }
    }

    /// The windows of a batch, of so many in an epoch, each with where the first of its epoch begins.
    private func shuffled(forBatch number: Int, of windows: Int, firsts: Int = 1) -> [(first: Int, window: Int)] {
        (number * rows..<(number + 1) * rows).map { shuffled($0, of: windows, firsts: firsts) }
    }

    /// The window at a place counted over all epochs.
    ///
    /// An epoch of many windows has several parts, one after another; part k of P takes the windows k, k + P, k + 2 P and so
    /// on, which come from all over the text.
    private func shuffled(_ index: Int, of windows: Int, firsts: Int) -> (first: Int, window: Int) {
        let (epoch, placeInEpoch) = index.quotientAndRemainder(dividingBy: windows)
        let parts = (windows - 1) / partSize + 1
        func count(_ part: Int) -> Int { (windows - 1 - part) / parts + 1 }
        var (part, place) = (0, placeInEpoch)
        while place >= count(part) { (part, place) = (part + 1, place - count(part)) }
        let number = epoch * parts + part
        if self.part?.number != number {
            func stream(_ part: Int) -> RandomStream {
                RandomStream(seed: seed, purpose: .data, counter: UInt64(epoch * parts + part))
            }
            var random = stream(0)
            let first = random.below(firsts)
            if part > 0 { random = stream(part) }
            self.part = nil
            var order = Array(0..<UInt32(count(part)))
            // Fisher and Yates; the standard library's shuffle may change between its versions.
            for last in stride(from: order.count - 1, to: 0, by: -1) { order.swapAt(last, random.below(last + 1)) }
            self.part = (number, first, order)
        }
        return (self.part!.first, Int(self.part!.order[place]) * parts + part)
    }
}
