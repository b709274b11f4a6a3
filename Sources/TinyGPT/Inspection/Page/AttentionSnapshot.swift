import Foundation

/// The attention of every head on a text at one step of a training, quantized, and what the model expected.
public struct AttentionSnapshot: Codable, Equatable, Sendable {
    /// Updates made.
    public let step: Int
    /// The validation loss, in nats per character.
    public let loss: Double
    /// The weights of every layer and head, of each the lower triangle, row after row; ``QuantizedWeights``.
    let maps: Data
    /// ``Predictions`` as bytes; nil in logs of older versions.
    let predictions: Data?

    init(step: Int, loss: Double, maps: Data, predictions: Data?) {
        (self.step, self.loss) = (step, loss)
        (self.maps, self.predictions) = (maps, predictions)
    }

    /// Runs a model on a text.
    ///
    /// - Throws: ``TinyGPTError/modelDiverged``.
    init(_ model: GPT, _ tokens: [Int32], step: Int, loss: Double) throws {
        let trace = try ModelTrace(of: model, on: tokens)
        (self.step, self.loss) = (step, loss)
        maps = Data(QuantizedWeights.all(trace))
        predictions = Predictions(trace).bytes
    }
}
