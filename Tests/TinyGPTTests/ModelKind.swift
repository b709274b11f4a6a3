import Testing

@testable import TinyGPT

/// The kinds of model that tests go through: everything about a model but its sizes.
struct ModelKind: CustomTestStringConvertible, Sendable {
    var architecture = Architecture.classic
    var bias = false
    var tied = false
    var tables = GPT.Configuration.Tables.none

    static let classic = ModelKind()
    static let modern = ModelKind(architecture: .modern)
    static let all = [false, true].flatMap { tied in
        [
            ModelKind(tied: tied), ModelKind(bias: true, tied: tied), ModelKind(architecture: .modern, tied: tied),
        ]
    }
    /// One of each architecture, with biases where there are any.
    static let each = [ModelKind(bias: true), .modern]
    /// The same and one with tables of n-grams.
    static let eachAndTables = each + [ModelKind(architecture: .modern, tables: .trigram)]

    var testDescription: String {
        "\(architecture)\(bias ? ", biases" : "")\(tied ? ", tied" : "")\(tables == .none ? "" : ", \(tables)")"
    }

    /// A configuration of this kind.
    func configuration(
        vocabulary: Int = 7, layers: Int = 2, heads: Int = 2, width: Int = 8, context: Int = 5, dropout: Float = 0
    ) -> GPT.Configuration {
        GPT.Configuration(
            vocabulary: vocabulary, layers: layers, heads: heads, width: width, context: context, dropout: dropout,
            bias: bias, tied: tied, architecture: architecture, tables: tables)
    }

    /// A model whose parameters are all as large as those of a trained one. In a new one small weights, and projections and
    /// biases that are zero, hide what they are multiplied by or added to.
    static func strongModel(_ configuration: GPT.Configuration, seed: UInt64) throws -> GPT {
        let model = try GPT(configuration, seed: seed)
        for (number, parameter) in model.parameters.enumerated() {
            var random = RandomStream(seed: seed, purpose: .initialization, counter: UInt64(1000 + number))
            let shape = parameter.tensor.shape
            let deviation = shape.rank == 2 ? 0.85 / Float(min(shape[0], shape[1])).squareRoot() : 0.1
            let values = parameter.tensor.values.map { value in
                (shape.rank == 2 ? 0 : value) + deviation * Float(random.normal())
            }
            parameter.tensor.buffer.replace(with: values)
        }
        return model
    }
}
