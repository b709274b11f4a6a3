import Autograd
import Foundation
import Layers

/// A modern model as a Qwen3, which it is: `Qwen3ForCausalLM` computes the same function of the same weights.
///
/// Linear layers there store their matrix as (outputs, inputs), and queries, keys and values, or gate and up, are layers of their
/// own: columns side by side here are matrices one by one there.
enum Qwen3Format: HuggingFaceFormat {
    static let modelType = "qwen3"

    /// The most positions that are imported: no tensor bounds them, and a table of them is computed.
    private static let largestContext = 1 << 16

    /// The names there of the parts of a parameter here: one, or those of its equal sections of columns.
    private static func names(of parameter: String) -> [String] {
        switch parameter {
        case "embedding.weight": return ["model.embed_tokens.weight"]
        case "norm.weight": return ["model.norm.weight"]
        case "head.weight": return ["lm_head.weight"]
        default: break
        }
        // blocks.LAYER.NAME.weight
        let path = parameter.split(separator: ".", maxSplits: 2)
        return parts[String(path[2])]!.map { "model.layers.\(path[1]).\($0).weight" }
    }

    private static let parts = [
        "norm1.weight": ["input_layernorm"], "norm2.weight": ["post_attention_layernorm"],
        "attention.qkv.weight": ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"],
        "attention.query_norm.weight": ["self_attn.q_norm"], "attention.key_norm.weight": ["self_attn.k_norm"],
        "attention.projection.weight": ["self_attn.o_proj"],
        "feed_forward.gate_up.weight": ["mlp.gate_proj", "mlp.up_proj"], "feed_forward.down.weight": ["mlp.down_proj"],
    ]

    /// Whether a parameter is the matrix of a linear layer, which is stored transposed there. The embedding and the head are
    /// stored alike.
    private static func isTransposed(_ parameter: String, _ shape: Shape) -> Bool {
        shape.rank == 2 && parameter.hasPrefix("blocks.")
    }

    static func tensors(of model: GPT) -> [String: Safetensors.StoredTensor] {
        var tensors: [String: Safetensors.StoredTensor] = [:]
        for parameter in model.parameters {
            let (names, shape, values) = (names(of: parameter.name), parameter.tensor.shape, parameter.tensor.values)
            guard isTransposed(parameter.name, shape) else {
                tensors[names[0]] = .init(shape: shape.array, values: values)
                continue
            }
            let (inputs, columns) = (shape[0], shape[1])
            let outputs = columns / names.count
            for (section, name) in names.enumerated() {
                let part = (0..<outputs).flatMap { output in
                    (0..<inputs).map { values[$0 * columns + section * outputs + output] }
                }
                tensors[name] = .init(shape: [outputs, inputs], values: part)
            }
        }
        return tensors
    }

    static func model(_ configuration: GPT.Configuration, _ source: HuggingFaceTensors) throws -> GPT {
        let model = try GPT(
            configuration,
            parameters: ParameterList<any Error> { name, shape, _ in
                let names = names(of: name)
                guard isTransposed(name, shape) else {
                    return .parameter(try source.values(names[0], shape), shape: shape)
                }
                let (inputs, columns) = (shape[0], shape[1])
                let outputs = columns / names.count
                // One after the other, the parts are the rows of the transposed matrix.
                let rows = try names.flatMap { try source.values($0, [outputs, inputs]) }
                let values = (0..<inputs).flatMap { input in (0..<columns).map { rows[$0 * inputs + input] } }
                return .parameter(values, shape: shape)
            })
        try source.checkForUnused { _ in false }
        return model
    }

    static func configuration(_ file: HuggingFaceConfiguration, vocabulary: Int) throws -> GPT.Configuration {
        func require<Value: Equatable>(_ key: String, _ expected: Value, ifAbsent standard: Value) throws {
            let value = try file.optional(key, "\(expected)") ?? standard
            guard value == expected else { throw file.refuse(key, "\(expected)") }
        }
        let (width, heads) = (try file.integer("hidden_size"), try file.integer("num_attention_heads"))
        let context = try file.integer("max_position_embeddings")
        guard width < 1 << 32 else { throw file.refuse("hidden_size", "a smaller number") }
        guard context <= largestContext else {
            throw file.refuse("max_position_embeddings", "at most \(largestContext)")
        }
        for (key, expected) in [
            ("vocab_size", vocabulary), ("head_dim", width / heads), ("num_key_value_heads", heads),
            ("intermediate_size", FeedForward.hiddenWidth(.modern, width: width)),
        ] where try file.integer(key) != expected {
            throw file.refuse(key, "\(expected)")
        }
        try require("hidden_act", "silu", ifAbsent: "silu")
        try require("attention_bias", false, ifAbsent: false)
        try require("use_sliding_window", false, ifAbsent: false)
        let epsilon = try file.optional("rms_norm_eps", "1e-06") ?? 1e-6
        guard abs(epsilon - 1e-6) < 1e-12 else { throw file.refuse("rms_norm_eps", "1e-06") }
        try checkRotations(file)
        return GPT.Configuration(
            vocabulary: vocabulary, layers: try file.integer("num_hidden_layers"), heads: heads, width: width,
            context: context, dropout: Float(try file.optional("attention_dropout", "a number") ?? 0.0),
            tied: try file.optional("tie_word_embeddings", "true or false") ?? false, architecture: .modern)
    }

    /// Checks base and kind of the rotations, which newer versions of `transformers` keep in an object of their own.
    private static func checkRotations(_ file: HuggingFaceConfiguration) throws {
        let object: [String: Any]? = try file.optional("rope_parameters", "an object")
        let base: Double? = try file.optional("rope_theta", "10000")
        guard base ?? RotaryEmbedding.base == RotaryEmbedding.base else { throw file.refuse("rope_theta", "10000") }
        guard object?["rope_theta"] as? Double ?? RotaryEmbedding.base == RotaryEmbedding.base else {
            throw file.refuse("rope_parameters", "a rope_theta of 10000")
        }
        guard object?["rope_type"] as? String ?? "default" == "default" else {
            throw file.refuse("rope_parameters", "the rope_type default")
        }
        let scaling: [String: Any]? = try file.optional("rope_scaling", "null")
        guard scaling.map({ $0["rope_type"] as? String == "default" }) ?? true else {
            throw file.refuse("rope_scaling", "null")
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
        var rope_theta = RotaryEmbedding.base
        var attention_bias = false
        var attention_dropout: Float
        var use_sliding_window = false
        var tie_word_embeddings: Bool
        var initializer_range = 0.02
        var torch_dtype = "float32"

        init(_ sizes: GPT.Configuration) {
            vocab_size = sizes.vocabulary
            hidden_size = sizes.width
            intermediate_size = FeedForward.hiddenWidth(.modern, width: sizes.width)
            num_hidden_layers = sizes.layers
            (num_attention_heads, num_key_value_heads) = (sizes.heads, sizes.heads)
            head_dim = sizes.width / sizes.heads
            max_position_embeddings = sizes.context
            attention_dropout = sizes.dropout
            tie_word_embeddings = sizes.tied
        }
    }
}
