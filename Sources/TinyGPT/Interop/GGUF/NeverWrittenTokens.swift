/// Rows of embedding and head for tokens that a prompt can have but the model must never write: those of lead bytes
/// (``GGUFVocabulary/leadBytes(_:)``).
///
/// Their logit has to be low wherever the model is, but llama.cpp has no place for a bias of the head in these architectures. What
/// of the model is changed for it leaves the logits of all characters as they are. `tokenizer.ggml.suppress_tokens` forbids these
/// tokens, too, but older versions ignore it.
struct NeverWrittenTokens {
    /// How many.
    let count: Int
    /// The token whose embedding they get.
    let unknown: Int
    let model: GPT

    /// V, the tokens before them.
    var first: Int { model.configuration.vocabulary }

    /// Tensors by their names in a GGUF file, and of those that were changed the values that they had.
    struct Rewritten {
        var tensors: [TensorLayout.NamedTensor] = []
        var originals: [TensorLayout.NamedTensor] = []
    }

    /// The channels of a model in the file, where there are such tokens.
    static func width(of configuration: GPT.Configuration) -> Int {
        configuration.architecture == .classic ? configuration.width : constantChannel(configuration.width) + 32
    }

    /// Adds the rows to the tensors of the model.
    ///
    /// - Parameters:
    ///   - tensors: Those of the model by their names in a GGUF file.
    ///   - keepsHead: Whether the original head, and the bias that goes with it, is kept too; that of a tied model is the
    ///     embedding, and so always there.
    /// - Returns: What stands in the file.
    func rewritten(_ tensors: [TensorLayout.NamedTensor], keepsHead: Bool) -> Rewritten {
        var tensors = tensors
        let isTied = model.configuration.tied
        if isTied {
            // The head will no longer be the embedding.
            let head = model.lmHead
            tensors.append((Name.head, .init(shape: head.shape.array) { head.values }))
        }
        let isClassic = model.configuration.architecture == .classic
        let change = isClassic ? shiftingLogits() : addingChannels()
        var result = Rewritten()
        for (name, tensor) in tensors {
            let isHead = isClassic && keepsHead && !isTied && [Name.head, Name.finalBias].contains(name)
            if isHead || Self.needsOriginal(name, model.configuration) { result.originals.append((name, tensor)) }
            result.tensors.append((name, change(name, tensor)))
        }
        return result
    }

    /// Whether the model cannot be read back without the values that a tensor had: gains for another number of channels, and the
    /// bias that goes with the embedding as the head. An untied head and its bias give the same logits as changed ones.
    private static func needsOriginal(_ name: String, _ configuration: GPT.Configuration) -> Bool {
        switch configuration.architecture {
        case .classic: configuration.tied && name == Name.finalBias
        case .modern: ["attn_norm", "ffn_norm", "output_norm"].contains(Name.part(name))
        }
    }

    /// What a tensor becomes.
    typealias Change = (_ name: String, Safetensors.DeferredTensor) -> Safetensors.DeferredTensor

    /// Names in a GGUF file.
    enum Name {
        static let (embedding, head, finalBias) = ("token_embd.weight", "output.weight", "output_norm.bias")

        /// What a tensor is in its block, or in the model.
        static func part(_ name: String) -> Substring { name.split(separator: ".").dropLast().last ?? "" }
    }

    /// The embedding with a copy of the unknown token's row for each of them.
    func embedding(_ values: [Float]) -> [Float] {
        let width = values.count / first
        return values + (0..<count).flatMap { _ in values[(unknown * width)..<((unknown + 1) * width)] }
    }
}

/// Reading.
extension NeverWrittenTokens {
    /// Takes rows and channels away again, and puts the values back that tensors had, as far as they are there.
    ///
    /// - Throws: ``TinyGPTError/badFile(_:problem:)`` about the file at `path` if they have to be.
    static func remove(from file: inout GGUFFile, _ configuration: GPT.Configuration, path: String) throws {
        let (vocabulary, width) = (configuration.vocabulary, configuration.width)
        for (name, tensor) in file.tensors {
            let shape: [Int]
            switch name.hasSuffix(".weight") ? Name.part(name) : "" {
            case "token_embd", "output": shape = [vocabulary, width]
            case "attn_norm", "ffn_norm", "output_norm": shape = [width]
            case "attn_output", "ffn_down": shape = [width] + tensor.shape.dropFirst()
            case "attn_q", "attn_k", "attn_v", "ffn_gate", "ffn_up": shape = tensor.shape.dropLast() + [width]
            default: shape = tensor.shape
            }
            // What is smaller, or of another rank, is refused as every tensor of the wrong shape.
            guard shape.count == tensor.shape.count, zip(shape, tensor.shape).allSatisfy(<=) else { continue }
            var values: [Float] = []
            for row in tensor.values.rows(of: tensor.shape.last!).prefix(shape.count > 1 ? shape[0] : 1) {
                values += row.prefix(shape.last!)
            }
            if case .floats(let original)? = file.values[GGUFFormat.OwnKeys.original + name],
                original.count == values.count
            {
                values = original
            } else if needsOriginal(name, configuration) {
                let problem = "it lacks the \(values.count) original values of '\(name.excerpt)'"
                throw TinyGPTError.badFile(path, problem: "cannot be imported: \(problem)")
            }
            file.tensors[name] = .init(shape: shape, values: values)
        }
        if configuration.tied { file.tensors[Name.head] = nil }
    }
}

extension [Float] {
    /// The rows of a matrix.
    func rows(of width: Int) -> [ArraySlice<Float>] {
        stride(from: 0, to: count, by: width).map { self[$0..<($0 + width)] }
    }
}
