import Autograd
import Layers

/// How another program names and stores the parameters of a model: the one table that export and import of every format read.
///
/// A linear layer here holds its matrix as (inputs, outputs), and queries, keys and values, or gate and up, are columns side by
/// side in one.
struct TensorLayout {
    /// The scope of the blocks there, before the number of one: `blocks` here.
    let blocks: String
    /// The names there of the parts of a model, by their names here: several where what is one parameter here are equal sections
    /// there. A part that is not listed is called the same.
    let parts: [String: [String]]
    /// Whether linear layers are stored as (outputs, inputs), as in PyTorch. The embedding and the head are (V, C) everywhere.
    let isTransposed: Bool
    /// Whether linear layers of blocks and all norms have biases there even if they have none here; zeros then.
    var needsBiases = false
    /// The table of sinusoids, which is no parameter here; nil where there is none.
    var positions: String?
    /// How names end of tensors that can be there and are no parameters.
    var ignored: [String] = []

    /// The names there of a parameter here, such as `blocks.0.attention.qkv.weight`.
    func names(of parameter: String) -> [String] {
        let path = parameter.split(separator: ".")
        let isInBlock = path[0] == "blocks"
        let part = path[(isInBlock ? 2 : 0)..<(path.count - 1)].joined(separator: ".")
        let scope = isInBlock ? "\(blocks).\(path[1])." : ""
        return (parts[part] ?? [part]).map { "\(scope)\($0).\(path[path.count - 1])" }
    }

    /// Whether a parameter is the matrix of a linear layer.
    private func isLinear(_ parameter: String, _ shape: Shape) -> Bool {
        shape.rank == 2 && parameter.hasPrefix("blocks.")
    }
}

/// Writing.
extension TensorLayout {
    /// A tensor to write and its name there.
    typealias NamedTensor = (name: String, tensor: Safetensors.DeferredTensor)

    /// The tensors of a model in the order of its parameters. Their values are copied one tensor at a time.
    ///
    /// - Throws: ``TinyGPTError/modelDiverged`` if logits are not finite.
    func tensors(of model: GPT) throws -> [NamedTensor] {
        _ = try ModelTrace(of: model, on: [0])
        var tensors: [NamedTensor] = []
        for parameter in model.parameters {
            let (name, values, shape) = (parameter.name, parameter.tensor, parameter.tensor.shape)
            let names = names(of: name)
            if isTransposed, isLinear(name, shape) {
                let outputs = shape[1] / names.count
                tensors += names.enumerated().map { section, name in
                    let tensor = Safetensors.DeferredTensor(shape: [outputs, shape[0]]) {
                        Self.transposed(values.values, columns: shape[1], section * outputs..<(section + 1) * outputs)
                    }
                    return (name, tensor)
                }
            } else {
                tensors.append((names[0], .init(shape: shape.array) { values.values }))
            }
            if needsBiases, !model.configuration.bias, name.hasPrefix("blocks.") || name.hasPrefix("norm.") {
                let bias = String(names[0].dropLast("weight".count)) + "bias"
                tensors.append((bias, .init(shape: [shape[-1]]) { [Float](repeating: 0, count: shape[-1]) }))
            }
        }
        if let positions, let table = model.positions?.table {
            tensors.append((positions, .init(shape: table.shape.array) { table.values }))
        }
        return tensors
    }

    /// Some columns of a matrix as rows.
    private static func transposed(_ matrix: [Float], columns: Int, _ section: Range<Int>) -> [Float] {
        let rows = matrix.count / columns
        return section.flatMap { column in (0..<rows).map { matrix[$0 * columns + column] } }
    }
}

/// Reading.
extension TensorLayout {
    /// The model that tensors are.
    ///
    /// - Parameters:
    ///   - configuration: Its sizes; whether there are biases is found out where the format always has some.
    ///   - source: The tensors.
    /// - Returns: A model whose parameters learn.
    /// - Throws: ``TinyGPTError/badFile(_:problem:)`` if one is missing, of another shape or not accounted for, or if positions
    ///   are not the sinusoids; ``TinyGPTError/notEnoughMemory(for:needed:available:)``.
    func model(_ configuration: GPT.Configuration, _ source: ImportedTensors) throws -> GPT {
        try SystemMemory.require(
            MemoryEstimate.positions(configuration), for: "the positions of the model in \(source.path.quoted)")
        var configuration = configuration
        try checkPositions(configuration, source)
        if needsBiases { configuration.bias = source.hasBiases(ignoring: ignored) }
        let model = try GPT(
            configuration,
            parameters: ParameterList<any Error> { name, shape, _ in
                let names = names(of: name)
                guard isTransposed, isLinear(name, shape) else {
                    return .parameter(try source.values(names[0], shape), shape: shape)
                }
                let (inputs, columns) = (shape[0], shape[1])
                // One after the other, the parts are the rows of the transposed matrix.
                let rows = try names.flatMap { try source.values($0, [columns / names.count, inputs]) }
                let values = (0..<inputs).flatMap { input in (0..<columns).map { rows[$0 * inputs + input] } }
                return .parameter(values, shape: shape)
            })
        try source.checkForUnused(ignoring: needsBiases && !configuration.bias ? ignored + [".bias"] : ignored)
        return model
    }

    /// Checks that the position table is the sinusoidal one. Its shape first: the file bounds the sizes, and the table of a
    /// hostile configuration could be of any size.
    private func checkPositions(_ configuration: GPT.Configuration, _ source: ImportedTensors) throws {
        guard let positions else { return }
        let actual = try source.values(positions, [configuration.context, configuration.width])
        let expected = PositionalEncoding(context: configuration.context, width: configuration.width).table
        guard zip(actual, expected.values).allSatisfy({ abs($0 - $1) < 1e-6 }) else {
            throw TinyGPTError.badFile(
                source.path,
                problem:
                    "cannot be imported: its positions, '\(positions)', are not the scaled sinusoids of an export; "
                    + "they were trained, or are those of another model")
        }
    }
}
