import Layers

/// How a model is laid out in a folder of Hugging Face's `transformers`: a classic one as a GPT-2, a modern one as a Qwen3.
protocol HuggingFaceFormat {
    /// What `config.json` calls this kind of model.
    static var modelType: String { get }

    /// The contents of `config.json`.
    static func encoded(_ configuration: GPT.Configuration) -> any Encodable

    /// The sizes in a `config.json`.
    ///
    /// - Throws: ``TinyGPTError/badFile(_:problem:)`` for a model that cannot be represented here.
    static func configuration(_ file: HuggingFaceConfiguration, vocabulary: Int) throws -> GPT.Configuration

    /// The names of the tensors and how they are stored.
    static var layout: TensorLayout { get }
}

/// What every such folder has.
enum HuggingFaceFolder {
    static let configurationFile = "config.json"
    static let weightsFile = "model.safetensors"
    static let tokenizerFile = "tokenizer.json"

    /// The format of an architecture.
    static func format(of architecture: Architecture) -> any HuggingFaceFormat.Type {
        switch architecture {
        case .classic: GPT2Format.self
        case .modern: Qwen3Format.self
        }
    }
}
