import Layers

/// How a model is laid out in a GGUF file: a classic one as a GPT-2, a modern one as a Qwen3.
struct GGUFFormat {
    /// What llama.cpp calls this kind of model.
    let name: String
    let layout: TensorLayout
    /// The key of the small number in norms, and its value.
    let epsilon: (key: String, value: Double)

    static let gpt2 = GGUFFormat(
        name: "gpt2",
        layout: TensorLayout(
            blocks: "blk",
            parts: [
                "embedding": ["token_embd"], "norm": ["output_norm"], "head": ["output"], "norm1": ["attn_norm"],
                "norm2": ["ffn_norm"], "attention.qkv": ["attn_qkv"], "attention.projection": ["attn_output"],
                "feed_forward.up": ["ffn_up"], "feed_forward.down": ["ffn_down"],
            ], isTransposed: true, needsBiases: true, positions: "position_embd.weight"),
        epsilon: ("attention.layer_norm_epsilon", 1e-5))

    static let qwen3 = GGUFFormat(
        name: "qwen3",
        layout: TensorLayout(
            blocks: "blk",
            parts: [
                "embedding": ["token_embd"], "norm": ["output_norm"], "head": ["output"], "norm1": ["attn_norm"],
                "norm2": ["ffn_norm"], "attention.qkv": ["attn_q", "attn_k", "attn_v"],
                "attention.query_norm": ["attn_q_norm"], "attention.key_norm": ["attn_k_norm"],
                "attention.projection": ["attn_output"], "feed_forward.gate_up": ["ffn_gate", "ffn_up"],
                "feed_forward.down": ["ffn_down"],
            ], isTransposed: true),
        epsilon: ("attention.layer_norm_rms_epsilon", 1e-6))

    /// The format of an architecture.
    static func of(_ architecture: Architecture) -> GGUFFormat { architecture == .classic ? gpt2 : qwen3 }

    /// The keys of the sizes, in order.
    ///
    /// - Parameters:
    ///   - configuration: The sizes.
    ///   - width: Channels in the file, which may be more than the model's (``NeverWrittenTokens``).
    /// - Returns: Keys and values.
    func sizes(_ configuration: GPT.Configuration, width: Int) -> [(key: String, value: GGUFValue)] {
        let hidden = FeedForward.hiddenWidth(configuration.architecture, width: configuration.width)
        let headWidth = configuration.width / configuration.heads
        var sizes = [
            ("context_length", configuration.context), ("embedding_length", width),
            ("block_count", configuration.layers),
            ("feed_forward_length", hidden), ("attention.head_count", configuration.heads),
        ]
        let epsilon = epsilon.value * Double(configuration.width) / Double(width)
        var others: [(String, GGUFValue)] = [(self.epsilon.key, .float(Float(epsilon)))]
        if configuration.architecture == .modern {
            sizes += [
                ("attention.head_count_kv", configuration.heads), ("attention.key_length", headWidth),
                ("attention.value_length", headWidth), ("rope.dimension_count", headWidth),
            ]
            others.append(("rope.freq_base", .float(Float(Rotations.base))))
        }
        return (sizes.map { ($0, .unsigned(UInt32($1))) } + others).map { ("\(name).\($0)", $1) }
    }
}

/// Reading.
extension GGUFFormat {
    /// The format and the sizes that a file describes.
    ///
    /// - Throws: ``TinyGPTError/badFile(_:problem:)`` for a model that cannot be represented here.
    static func read(
        _ file: GGUFFile, vocabulary: Int, hasLeadBytes: Bool, path: String
    ) throws -> (format: GGUFFormat, configuration: GPT.Configuration) {
        let architectures = Architecture.allCases
        guard
            let architecture = architectures.first(where: {
                file.values["general.architecture"] == .string(of($0).name)
            })
        else {
            throw TinyGPTError.badFile(
                path,
                problem: "cannot be imported: expected the architecture gpt2 or qwen3, got "
                    + file.found("general.architecture"))
        }
        let format = of(architecture)
        func integer(_ key: String) throws -> Int {
            guard case .unsigned(let value)? = file.values[key] else {
                throw TinyGPTError.badFile(path, problem: "cannot be imported: it lacks the number '\(key)'")
            }
            return Int(value)
        }
        var configuration = GPT.Configuration(
            vocabulary: vocabulary, layers: try integer("\(format.name).block_count"),
            heads: try integer("\(format.name).attention.head_count"),
            width: try integer(OwnKeys.width), context: try integer("\(format.name).context_length"),
            architecture: architecture)
        if case .float(let dropout)? = file.values[OwnKeys.dropout] { configuration.dropout = dropout }
        configuration.tied = file.tensors["output.weight"] == nil || file.values[OwnKeys.tied] == .boolean(true)
        try configuration.validate(importedFrom: path)
        // The other sizes follow from these; with another value it is another model.
        let width = hasLeadBytes ? NeverWrittenTokens.width(of: configuration) : configuration.width
        for (key, expected) in format.sizes(configuration, width: width) where file.values[key] != expected {
            throw TinyGPTError.badFile(
                path, problem: "cannot be imported: '\(key)' is \(file.found(key)), expected \(expected)")
        }
        return (format, configuration)
    }

    /// Keys that llama.cpp does not know: what it has no place for.
    enum OwnKeys {
        static let width = "tinygpt.width"
        static let dropout = "tinygpt.dropout"
        static let tied = "tinygpt.tied"
        /// Before the name of a tensor: its values before they were changed for tokens that are never written.
        static let original = "tinygpt.original."
    }
}
