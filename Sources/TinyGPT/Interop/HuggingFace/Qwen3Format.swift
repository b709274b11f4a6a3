import Layers

/// A modern model as a Qwen3, which it is: `Qwen3ForCausalLM` computes the same function of the same weights.
///
/// Linear layers there store their matrix as (outputs, inputs), and queries, keys and values, or gate and up, are layers of their
/// own: columns side by side here are matrices one by one there.
enum Qwen3Format: HuggingFaceFormat {
    static let modelType = "qwen3"

    static let layout = TensorLayout(
        blocks: "model.layers",
        parts: [
            "embedding": ["model.embed_tokens"], "norm": ["model.norm"], "head": ["lm_head"],
            "norm1": ["input_layernorm"], "norm2": ["post_attention_layernorm"],
            "attention.qkv": ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"],
            "attention.query_norm": ["self_attn.q_norm"], "attention.key_norm": ["self_attn.k_norm"],
            "attention.projection": ["self_attn.o_proj"], "feed_forward.gate_up": ["mlp.gate_proj", "mlp.up_proj"],
            "feed_forward.down": ["mlp.down_proj"],
        ], isTransposed: true)

    static func configuration(_ file: HuggingFaceConfiguration, vocabulary: Int) throws -> GPT.Configuration {
        typealias Limits = GPT.Configuration.Limits
        let width = try file.integer("hidden_size", in: Limits.width)
        let heads = try file.integer("num_attention_heads", in: Limits.heads)
        guard width % heads == 0, width / heads % 2 == 0 else {
            throw file.refuse("num_attention_heads", "a number that leaves an even width of a head, of \(width)")
        }
        for (key, expected) in [
            ("vocab_size", vocabulary), ("head_dim", width / heads), ("num_key_value_heads", heads),
            ("intermediate_size", FeedForward.hiddenWidth(.modern, width: width)),
        ] {
            _ = try file.integer(key, in: expected...expected)
        }
        try file.require("hidden_act", "silu", isOptional: true)
        for key in ["attention_bias", "use_sliding_window"] where try file.boolean(key) == true {
            throw file.refuse(key, "false")
        }
        let epsilon = try file.number("rms_norm_eps") ?? 1e-6
        guard abs(epsilon - 1e-6) < 1e-12 else { throw file.refuse("rms_norm_eps", "1e-06") }
        try checkRotations(file)
        let dropout = try file.number("attention_dropout") ?? 0
        guard Limits.dropout.contains(dropout) else {
            throw file.refuse("attention_dropout", Limits.dropout.expectation)
        }
        return GPT.Configuration(
            vocabulary: vocabulary, layers: try file.integer("num_hidden_layers", in: Limits.layers), heads: heads,
            width: width, context: try file.integer("max_position_embeddings", in: Limits.context),
            dropout: Float(dropout), tied: try file.boolean("tie_word_embeddings") ?? false, architecture: .modern)
    }

    /// Checks base and kind of the rotations, which newer versions of `transformers` keep in an object of their own.
    private static func checkRotations(_ file: HuggingFaceConfiguration) throws {
        for key in ["rope_theta", "rope_parameters.rope_theta"] {
            guard try file.number(key) ?? Rotations.base == Rotations.base else {
                throw file.refuse(key, "10000")
            }
        }
        for key in ["rope_parameters", "rope_scaling"] where file[key] != nil {
            guard file[key] == .object else { throw file.refuse(key, "an object") }
            try file.require("\(key).rope_type", "default", isOptional: key == "rope_parameters")
        }
    }

    static func encoded(_ configuration: GPT.Configuration) -> any Encodable { Configuration(configuration) }

    /// `config.json`.
    private struct Configuration: Encodable {
        var architectures = ["Qwen3ForCausalLM"]
        var model_type = Qwen3Format.modelType
        var vocab_size: Int
        var hidden_size: Int
        var intermediate_size: Int
        var num_hidden_layers: Int
        var num_attention_heads: Int
        var num_key_value_heads: Int
        var head_dim: Int
        var hidden_act = "silu"
        var max_position_embeddings: Int
        var rms_norm_eps = 1e-6
        var rope_theta = Rotations.base
        var attention_bias = false
        var attention_dropout: Float
        var use_sliding_window = false
        var tie_word_embeddings: Bool
        var initializer_range = 0.02
        var torch_dtype = "float32"

        init(_ configuration: GPT.Configuration) {
            vocab_size = configuration.vocabulary
            hidden_size = configuration.width
            intermediate_size = FeedForward.hiddenWidth(.modern, width: configuration.width)
            num_hidden_layers = configuration.layers
            (num_attention_heads, num_key_value_heads) = (configuration.heads, configuration.heads)
            head_dim = configuration.width / configuration.heads
            max_position_embeddings = configuration.context
            attention_dropout = configuration.dropout
            tie_word_embeddings = configuration.tied
        }
    }
}
