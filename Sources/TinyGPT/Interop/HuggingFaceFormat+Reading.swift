import Foundation

extension HuggingFaceFormat {
    /// The most bytes of a `config.json`; GPT-2's has 700.
    private static let configurationLimit = 1 << 20

    /// The sizes in a `config.json`, all within the limits of a model; its biases are not known from there.
    ///
    /// - Throws: ``TinyGPTError/badFile(_:problem:)`` for a model that cannot be represented here.
    static func readConfiguration(_ path: String, vocabulary: Int) throws -> GPT.Configuration {
        let values = try ConfigurationValues(path)
        typealias Limits = GPT.Configuration.Limits
        try values.require("model_type", "gpt2")
        try values.require("activation_function", "gelu_new", or: "gelu_pytorch_tanh", isOptional: true)
        let epsilon = try values.number("layer_norm_epsilon") ?? 1e-5
        guard abs(epsilon - 1e-5) < 1e-12 else { throw values.refuse("layer_norm_epsilon", "1e-05") }
        let width = try values.integer("n_embd", in: Limits.width)
        if try values.optional("n_inner") != nil { _ = try values.integer("n_inner", in: 4 * width...4 * width) }
        guard try values.boolean("scale_attn_weights") ?? true else {
            throw values.refuse("scale_attn_weights", "true")
        }
        guard try values.boolean("scale_attn_by_inverse_layer_idx") != true else {
            throw values.refuse("scale_attn_by_inverse_layer_idx", "false")
        }
        _ = try values.integer("vocab_size", in: vocabulary...vocabulary)
        let rates = try ["resid_pdrop", "embd_pdrop", "attn_pdrop"].map { try values.number($0) ?? 0.1 }
        guard Limits.dropout.contains(rates[0]) else { throw values.refuse("resid_pdrop", Limits.dropout.expectation) }
        guard Set(rates).count == 1 else {
            throw values.refuse("attn_pdrop", "the same rate as resid_pdrop and embd_pdrop")
        }
        let configuration = GPT.Configuration(
            vocabulary: vocabulary, layers: try values.integer("n_layer", in: Limits.layers),
            heads: try values.integer("n_head", in: Limits.heads), width: width,
            context: try values.integer("n_positions", in: Limits.context), dropout: Float(rates[0]),
            tied: try values.boolean("tie_word_embeddings") ?? true)
        guard width % configuration.heads == 0 else { throw values.refuse("n_head", "a divisor of \(width)") }
        return configuration
    }

    /// The values of a `config.json` by their keys.
    private struct ConfigurationValues {
        let path: String
        private var values: [String: JSONScanner.Scalar] = [:]

        init(_ path: String) throws {
            self.path = path
            do {
                var scanner = try JSONScanner(try InputFile(path: path).readToEnd(limit: configurationLimit))
                try scanner.object { values[$1] = try $0.scalar() }
                try scanner.end()
            } catch let mistake as JSONScanner.Mistake {
                throw TinyGPTError.badFile(
                    path, problem: "is not a JSON object; the folder is damaged or something else: \(mistake)")
            }
        }

        func refuse(_ key: String, _ expected: String) -> TinyGPTError {
            let got = values[key]?.description.excerpt ?? "nothing"
            return .badFile(path, problem: "cannot be imported: '\(key)' is \(got), expected \(expected)")
        }

        /// A value, nil where it is absent or null.
        func optional(_ key: String) throws -> JSONScanner.Scalar? { values[key] == .null ? nil : values[key] }

        func integer(_ key: String, in range: ClosedRange<Int>) throws -> Int {
            guard case .integer(let value)? = values[key], range.contains(value) else {
                let (first, last) = (range.lowerBound, range.upperBound)
                throw refuse(key, first == last ? "\(first)" : "a whole number from \(first) to \(last)")
            }
            return value
        }

        func number(_ key: String) throws -> Double? {
            switch try optional(key) {
            case nil: return nil
            case .integer(let value): return Double(value)
            case .number(let value): return value
            default: throw refuse(key, "a number")
            }
        }

        func boolean(_ key: String) throws -> Bool? {
            switch try optional(key) {
            case nil: return nil
            case .boolean(let value): return value
            default: throw refuse(key, "true or false")
            }
        }

        func require(_ key: String, _ text: String, or other: String? = nil, isOptional: Bool = false) throws {
            let value = try optional(key)
            if value == nil, isOptional { return }
            guard value == .text(text) || other.map({ value == .text($0) }) == true else { throw refuse(key, text) }
        }
    }
}
