import Foundation
import Layers

/// Chooses a token from logits: repetition penalty and temperature, then min-p, top-k and nucleus (top-p) sampling.
public struct Sampler: Encodable, Equatable, Sendable {
    /// Divides the logits: below 1 sharpens the distribution, above 1 flattens it; 0 always takes the likeliest token.
    public let temperature: Double
    /// Sample among this many of the likeliest tokens; nil for all.
    public let topK: Int?
    /// Sample among the likeliest tokens that together reach this probability (nucleus sampling, Holtzman et al. 2020,
    /// section 3.1); nil for all.
    public let topP: Double?
    /// Sample among the tokens that have at least this part of the likeliest one's probability (min-p, Nguyen et al. 2024); nil
    /// for all.
    public let minP: Double?
    /// What recent tokens' logits are divided by if they are positive and multiplied by if not (Keskar et al. 2019, section 4.1);
    /// 1 for no penalty, above 1 against repetition.
    public let repetitionPenalty: Double
    /// How many of the last tokens are penalized.
    public let repetitionWindow: Int

    /// The tokens that a penalty reaches back, unless another number is chosen: about a line of text.
    public static let defaultRepetitionWindow = 64

    /// The temperature of samples, unless another is chosen: a little below 1, for fewer slips.
    public static let defaultTemperature = 0.8

    /// A sampler that divides the logits by the temperature, then keeps those above min-p, of these the top k, and of these the
    /// top p.
    ///
    /// - Parameters:
    ///   - temperature: At least 0; 0 always takes the likeliest token.
    ///   - topK: Sample among this many of the likeliest tokens; nil for all.
    ///   - topP: Sample among the likeliest tokens that together reach this probability; nil for all.
    ///   - minP: Sample among the tokens with at least this part of the likeliest one's probability; nil for all.
    ///   - repetitionPenalty: At least 1; 1 for none.
    ///   - repetitionWindow: How many of the last tokens are penalized.
    /// - Precondition: The temperature is finite and not negative, top-k at least 1, top-p above 0 and at most 1, min-p from 0
    ///   to 1, the penalty finite and at least 1, the window positive.
    public init(
        temperature: Double = 1, topK: Int? = nil, topP: Double? = nil, minP: Double? = nil,
        repetitionPenalty: Double = 1, repetitionWindow: Int = Self.defaultRepetitionWindow
    ) {
        precondition(
            temperature >= 0 && temperature.isFinite, "the temperature must not be negative, got \(temperature)")
        precondition(topK.map { $0 >= 1 } ?? true, "top-k must be at least 1, got \(topK ?? 0)")
        precondition(topP.map { $0 > 0 && $0 <= 1 } ?? true, "top-p must be above 0 and at most 1, got \(topP ?? 0)")
        precondition(minP.map { $0 >= 0 && $0 <= 1 } ?? true, "min-p must be from 0 to 1, got \(minP ?? 0)")
        precondition(
            repetitionPenalty >= 1 && repetitionPenalty.isFinite,
            "the repetition penalty must be at least 1, got \(repetitionPenalty)")
        precondition(repetitionWindow > 0, "a repetition window of \(repetitionWindow) tokens")
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        self.minP = minP
        self.repetitionPenalty = repetitionPenalty
        self.repetitionWindow = repetitionWindow
    }

    /// Penalizes the tokens of the repetition window, each once, however often it occurs there.
    ///
    /// - Parameters:
    ///   - logits: One for each token of the vocabulary.
    ///   - recent: The tokens so far; the last ones count.
    func penalize(_ logits: inout [Float], recent: [Int32]) {
        let penalty = Float(repetitionPenalty)
        for token in Set(recent.suffix(repetitionWindow)) {
            logits[Int(token)] *= logits[Int(token)] > 0 ? 1 / penalty : penalty
        }
    }

    /// The probability of every token after temperature, min-p, top-k and top-p. Shape: (V) -> (V)
    ///
    /// Of equally likely tokens the first counts as the likelier one, so that the choice is the same everywhere.
    func probabilities(_ logits: [Float]) -> [Double] {
        var probabilities = [Double](repeating: 0, count: logits.count)
        compute(&probabilities, from: logits)
        return probabilities
    }

    /// The same, in place.
    private func compute(_ probabilities: inout [Double], from logits: [Float]) {
        let likeliest = logits.indices.max { logits[$0] < logits[$1] } ?? 0
        guard temperature > 0 else {
            for index in logits.indices { probabilities[index] = index == likeliest ? 1 : 0 }
            return
        }
        for (index, logit) in logits.enumerated() {
            probabilities[index] = exp((Double(logit) - Double(logits[likeliest])) / temperature)
        }
        if let minP {
            // Relative to the likeliest, which has 1 here.
            for index in probabilities.indices where probabilities[index] < minP { probabilities[index] = 0 }
        }
        if topK != nil || topP != nil { keepLikeliest(&probabilities) }
        let sum = probabilities.reduce(0, +)
        for index in probabilities.indices { probabilities[index] /= sum }
    }

    private func keepLikeliest(_ probabilities: inout [Double]) {
        let order = probabilities.indices.sorted { (probabilities[$1], $0) < (probabilities[$0], $1) }
        var kept = min(topK ?? order.count, order.count)
        if let topP {
            let sum = order[..<kept].reduce(0) { $0 + probabilities[$1] }
            var reached = 0.0
            let enough = order[..<kept].firstIndex { index in
                reached += probabilities[index] / sum
                return reached >= topP
            }
            kept = min(kept, (enough ?? kept - 1) + 1)
        }
        for index in order[kept...] { probabilities[index] = 0 }
    }

    /// Draws a token.
    ///
    /// - Parameters:
    ///   - logits: One for each token of the vocabulary.
    ///   - random: The source of the draw; advanced by one number.
    /// - Returns: The token.
    public func draw(_ logits: [Float], _ random: inout RandomStream) -> Int32 {
        var probabilities = [Double](repeating: 0, count: logits.count)
        return draw(logits, &random, &probabilities)
    }

    /// The same with memory for the probabilities: without top-k and top-p nothing is allocated.
    func draw(_ logits: [Float], _ random: inout RandomStream, _ probabilities: inout [Double]) -> Int32 {
        precondition(
            probabilities.count == logits.count, "\(probabilities.count) probabilities for \(logits.count) logits")
        compute(&probabilities, from: logits)
        var rest = random.uniform()
        for (index, probability) in probabilities.enumerated() {
            rest -= probability
            if rest < 0 { return Int32(index) }
        }
        // What rounding leaves over belongs to the last token with a probability above 0.
        return Int32(probabilities.lastIndex { $0 > 0 } ?? 0)
    }
}
