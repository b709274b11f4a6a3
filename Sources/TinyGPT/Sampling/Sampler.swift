import Foundation
import Layers

/// How a character is chosen from the model's logits.
public struct Sampler: Equatable, Sendable {
    /// Below 1 keeps to the likely, above 1 dares more; 0 always takes the likeliest.
    public var temperature: Double
    /// Choose among this many of the likeliest characters; nil for all.
    public var topK: Int?
    /// Choose among the likeliest characters that together reach this probability (Holtzman et al. 2020, section 3.1);
    /// nil for all.
    public var topP: Double?

    /// Creates a sampler.
    public init(temperature: Double = 1, topK: Int? = nil, topP: Double? = nil) {
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
    }

    /// The probability of every character after temperature, top-k and top-p.
    ///
    /// Characters of equal probability keep their order, so that the choice is the same everywhere.
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

    /// Draws a character.
    ///
    /// - Parameters:
    ///   - logits: The model's, one for each character of the vocabulary.
    ///   - random: Where the choice comes from.
    /// - Returns: The token of the character.
    public func draw(_ logits: [Float], _ random: inout RandomStream) -> Int32 {
        var probabilities = [Double](repeating: 0, count: logits.count)
        return draw(logits, &random, &probabilities)
    }

    /// The same with memory for as many probabilities as there are logits: without top-k and top-p nothing is allocated.
    func draw(_ logits: [Float], _ random: inout RandomStream, _ probabilities: inout [Double]) -> Int32 {
        precondition(
            probabilities.count == logits.count, "\(probabilities.count) probabilities for \(logits.count) logits")
        compute(&probabilities, from: logits)
        var rest = random.uniform()
        for (index, probability) in probabilities.enumerated() {
            rest -= probability
            if rest < 0 { return Int32(index) }
        }
        // Rounding may leave a little over: it belongs to the last character that can be drawn at all.
        return Int32(probabilities.lastIndex { $0 > 0 } ?? 0)
    }
}
