/// A classic model as a GPT-2, whose position table holds the scaled sinusoids and whose biases are zero where the model has
/// none.
///
/// `Conv1D`, the linear layer of GPT-2 there, stores its matrix as (inputs, outputs), which is how ``Layers/Linear`` stores it.
enum GPT2Format: HuggingFaceFormat {
    static let modelType = "gpt2"

    static let layout = TensorLayout(
        blocks: "transformer.h",
        parts: [
            "embedding": ["transformer.wte"], "norm": ["transformer.ln_f"], "head": ["lm_head"],
            "norm1": ["ln_1"], "norm2": ["ln_2"], "attention.qkv": ["attn.c_attn"],
            "attention.projection": ["attn.c_proj"], "feed_forward.up": ["mlp.c_fc"],
            "feed_forward.down": ["mlp.c_proj"],
        ], isTransposed: false, needsBiases: true, positions: "transformer.wpe.weight",
        // The causal masks that older versions of `transformers` stored.
        ignored: [".attn.bias", ".attn.masked_bias"])

    static func encoded(_ configuration: GPT.Configuration) -> any Encodable { Configuration(configuration) }

    static func configuration(_ file: HuggingFaceConfiguration, vocabulary: Int) throws -> GPT.Configuration {
        typealias Limits = GPT.Configuration.Limits
        try file.require("activation_function", "gelu_new", or: "gelu_pytorch_tanh", isOptional: true)
        let epsilon = try file.number("layer_norm_epsilon") ?? 1e-5
        guard abs(epsilon - 1e-5) < 1e-12 else { throw file.refuse("layer_norm_epsilon", "1e-05") }
        let width = try file.integer("n_embd", in: Limits.width)
        if file["n_inner"] != nil { _ = try file.integer("n_inner", in: 4 * width...4 * width) }
        guard try file.boolean("scale_attn_weights") ?? true else {
            throw file.refuse("scale_attn_weights", "true")
        }
        guard try file.boolean("scale_attn_by_inverse_layer_idx") != true else {
            throw file.refuse("scale_attn_by_inverse_layer_idx", "false")
        }
        _ = try file.integer("vocab_size", in: vocabulary...vocabulary)
        let rates = try ["resid_pdrop", "embd_pdrop", "attn_pdrop"].map { try file.number($0) ?? 0.1 }
        guard Limits.dropout.contains(rates[0]) else { throw file.refuse("resid_pdrop", Limits.dropout.expectation) }
        guard Set(rates).count == 1 else {
            throw file.refuse("attn_pdrop", "the same rate as resid_pdrop and embd_pdrop")
        }
        let configuration = GPT.Configuration(
            vocabulary: vocabulary, layers: try file.integer("n_layer", in: Limits.layers),
            heads: try file.integer("n_head", in: Limits.heads), width: width,
            context: try file.integer("n_positions", in: Limits.context), dropout: Float(rates[0]),
            tied: try file.boolean("tie_word_embeddings") ?? true)
        guard width % configuration.heads == 0 else { throw file.refuse("n_head", "a divisor of \(width)") }
        return configuration
    }

    /// `config.json`.
    private struct Configuration: Encodable {
        var architectures = ["GPT2LMHeadModel"]
        var model_type = GPT2Format.modelType
        var vocab_size: Int
        var n_positions: Int
        var n_embd: Int
        var n_layer: Int
        var n_head: Int
        var activation_function = "gelu_new"
        var resid_pdrop: Float
        var embd_pdrop: Float
        var attn_pdrop: Float
        var layer_norm_epsilon = 1e-5
        var tie_word_embeddings: Bool
        var scale_attn_weights = true
        var initializer_range = 0.02
        var torch_dtype = "float32"
        /// A text has neither a beginning nor an end of its own. Left out, GPT-2's own tokens would take their places.
        var bos_token_id = Null()
        var eos_token_id = Null()

        init(_ configuration: GPT.Configuration) {
            vocab_size = configuration.vocabulary
            n_positions = configuration.context
            n_embd = configuration.width
            n_layer = configuration.layers
            n_head = configuration.heads
            (resid_pdrop, embd_pdrop, attn_pdrop) = (
                configuration.dropout, configuration.dropout, configuration.dropout
            )
            tie_word_embeddings = configuration.tied
        }
    }

    /// The value `null`, which the encoder would leave out of an optional's place.
    private struct Null: Encodable {
        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encodeNil()
        }
    }
}
