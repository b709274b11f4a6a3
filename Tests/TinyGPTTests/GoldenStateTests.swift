import Autograd
import Foundation
import Layers
import Testing

@testable import TinyGPT

@Suite("What PyTorch makes of the same model")
struct GoldenStateTests {
    /// A file of `scripts/make-golden-state.py`.
    private static func golden(_ kind: ModelKind) throws -> Safetensors {
        let part = kind.architecture == .modern ? "-modern" : kind.bias ? "-bias" : ""
        return try golden(named: "golden\(part)\(kind.tied ? "-tied" : "").safetensors")
    }

    private static func golden(named name: String) throws -> Safetensors {
        try Safetensors.read(
            from: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("Fixtures/\(name)").path)
    }

    private static func model(_ golden: Safetensors, _ kind: ModelKind) throws -> GPT {
        try GPT(
            kind.configuration(vocabulary: 11, layers: 2, heads: 2, width: 8, context: 6),
            parameters: ParameterList { name, shape, _ in
                let stored = try #require(golden.tensors["parameter." + name], "PyTorch has no \(name)")
                #expect(stored.shape == shape.array)
                return .parameter(stored.values, shape: shape)
            })
    }

    /// The largest difference, relative to the largest number.
    private static func disagreement(_ actual: [Float], _ expected: [Float]?) throws -> Float {
        let expected = try #require(expected)
        try #require(actual.count == expected.count && !expected.isEmpty)
        // `max` passes over NaN.
        try #require((actual + expected).allSatisfy { $0.isFinite })
        let scale = expected.reduce(0) { max($0, abs($1)) }
        return zip(actual, expected).reduce(0) { max($0, abs($1.0 - $1.1)) } / scale
    }

    @Test(
        "Logits, loss, every named gradient and ten steps of AdamW agree within 1e-5",
        arguments: ModelKind.all)
    func everything(kind: ModelKind) throws {
        let golden = try Self.golden(kind)
        let model = try Self.model(golden, kind)
        #expect(
            Set(golden.tensors.keys.filter { $0.hasPrefix("gradient.") })
                == Set(model.parameters.map { "gradient." + $0.name }))
        let tokens = try #require(golden.tensors["tokens"]).values.map { Int32($0) }
        let targets = try #require(golden.tensors["targets"]).values.map { Int32($0) }

        let logits = model(tokens, batch: 3, .inference)
        #expect(try Self.disagreement(logits.values, golden.tensors["logits"]?.values) < 1e-5)
        let loss = logits.crossEntropy(targets)
        #expect(try Self.disagreement([loss.scalar], golden.tensors["loss"]?.values) < 1e-5)
        let gradients = loss.gradients()
        for parameter in model.parameters {
            let expected = golden.tensors["gradient." + parameter.name]?.values
            #expect(
                try Self.disagreement(gradients[parameter.tensor].values, expected) < 1e-5, "\(parameter.name)")
        }

        let optimizer = AdamW(model.parameters, AdamW.Settings(weightDecay: 0.1, clip: 0.5))
        let schedule = LearningRateSchedule(peak: 1e-2, minimum: 1e-3, warmup: 3)
        let losses = (0..<10).map { index in
            let loss = model.loss(tokens, targets: targets, batch: 3, .inference)
            let value = loss.scalar
            let gradients = loss.gradients()
            optimizer.update(
                gradients, norm: optimizer.norm(of: gradients), learningRate: schedule.rate(at: index, of: 10))
            return value
        }
        #expect(try Self.disagreement(losses, golden.tensors["losses"]?.values) < 1e-5)
        #expect(losses[9] < losses[0])
    }

    @Test("Ten steps of Muon agree with torch.optim.Muon within 1e-6 of the weights' scale")
    func muon() throws {
        let golden = try Self.golden(named: "golden-muon.safetensors")
        for name in ["square", "wide", "tall"] {
            let (start, gradients) = try (
                #require(golden.tensors["parameter." + name]), #require(golden.tensors["gradients." + name])
            )
            let matrix = Tensor.parameter(start.values, shape: Shape(start.shape))
            let optimizer = Muon([NamedParameter(name, matrix)])
            let schedule = LearningRateSchedule(peak: 1e-2, minimum: 1e-3, warmup: 3)
            let count = start.values.count
            for index in 0..<10 {
                let gradient = Tensor(
                    Array(gradients.values[index * count..<(index + 1) * count]), shape: matrix.shape)
                // The gradient of sum(W * G) is G.
                optimizer.update((matrix * gradient).sum().gradients(), learningRate: schedule.rate(at: index, of: 10))
            }
            #expect(try Self.disagreement(matrix.values, golden.tensors["result." + name]?.values) < 1e-6, "\(name)")
            #expect(matrix.values != start.values)
        }
    }
}
