import Foundation

/// How a model is laid out in a folder of Hugging Face's `transformers`: as a GPT-2, whose position table holds the scaled
/// sinusoids and whose biases are zero where the model has none.
///
/// `Conv1D`, the linear layer of GPT-2 there, stores its matrix as (inputs, outputs), which is how ``Linear`` stores it.
enum HuggingFaceFormat {
    /// The files of such a folder.
    static let configurationFile = "config.json"
    static let weightsFile = "model.safetensors"
    static let tokenizerFile = "tokenizer.json"

    /// The table of positions, which is no parameter here.
    static let positions = "transformer.wpe.weight"
    /// The output layer; left out where it is the embedding.
    static let head = "lm_head.weight"

    /// The name there of a parameter here, and that of its bias, which GPT-2 always has.
    static func name(of parameter: String) -> String {
        switch parameter {
        case "embedding.weight": return "transformer.wte.weight"
        case "head.weight": return head
        default: break
        }
        var name = parameter.replacingOccurrences(of: "blocks.", with: "h.")
        for (here, there) in parts { name = name.replacingOccurrences(of: here, with: there) }
        return "transformer." + (name.hasPrefix("norm.") ? "ln_f." + name.dropFirst("norm.".count) : name)
    }

    private static let parts = [
        (".norm1.", ".ln_1."), (".norm2.", ".ln_2."), (".attention.qkv.", ".attn.c_attn."),
        (".attention.projection.", ".attn.c_proj."), (".feed_forward.up.", ".mlp.c_fc."),
        (".feed_forward.down.", ".mlp.c_proj."),
    ]

    /// `config.json`.
    struct Configuration: Codable {
        var architectures = ["GPT2LMHeadModel"]
        var modelType = "gpt2"
        var vocabularySize: Int
        var positions: Int
        var width: Int
        var layers: Int
        var heads: Int
        var activation = "gelu_new"
        var residualDropout: Float
        var embeddingDropout: Float
        var attentionDropout: Float
        var epsilon = 1e-5
        var tied: Bool
        var scaleWeights = true
        var initializerRange = 0.02
        var dataType = "float32"
        /// A text has neither a beginning nor an end of its own.
        var beginning: Int?
        var end: Int?

        enum CodingKeys: String, CodingKey {
            case architectures
            case modelType = "model_type"
            case vocabularySize = "vocab_size"
            case positions = "n_positions"
            case width = "n_embd"
            case layers = "n_layer"
            case heads = "n_head"
            case activation = "activation_function"
            case residualDropout = "resid_pdrop"
            case embeddingDropout = "embd_pdrop"
            case attentionDropout = "attn_pdrop"
            case epsilon = "layer_norm_epsilon"
            case tied = "tie_word_embeddings"
            case scaleWeights = "scale_attn_weights"
            case initializerRange = "initializer_range"
            case dataType = "torch_dtype"
            case beginning = "bos_token_id"
            case end = "eos_token_id"
        }

        init(_ configuration: GPT.Configuration) {
            vocabularySize = configuration.vocabulary
            positions = configuration.context
            width = configuration.width
            layers = configuration.layers
            heads = configuration.heads
            residualDropout = configuration.dropout
            embeddingDropout = configuration.dropout
            attentionDropout = configuration.dropout
            tied = configuration.tied
        }

        /// Writes also what is nil, because GPT-2's own value would take its place.
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(architectures, forKey: .architectures)
            try container.encode(modelType, forKey: .modelType)
            try container.encode(vocabularySize, forKey: .vocabularySize)
            try container.encode(positions, forKey: .positions)
            try container.encode(width, forKey: .width)
            try container.encode(layers, forKey: .layers)
            try container.encode(heads, forKey: .heads)
            try container.encode(activation, forKey: .activation)
            try container.encode(residualDropout, forKey: .residualDropout)
            try container.encode(embeddingDropout, forKey: .embeddingDropout)
            try container.encode(attentionDropout, forKey: .attentionDropout)
            try container.encode(epsilon, forKey: .epsilon)
            try container.encode(tied, forKey: .tied)
            try container.encode(scaleWeights, forKey: .scaleWeights)
            try container.encode(initializerRange, forKey: .initializerRange)
            try container.encode(dataType, forKey: .dataType)
            try container.encode(beginning, forKey: .beginning)
            try container.encode(end, forKey: .end)
        }
    }
}
