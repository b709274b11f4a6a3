/// A program whose files `tinygpt export` writes and `tinygpt import` reads.
enum ExchangeFormat: String, CaseIterable, Sendable {
    case huggingface, gguf, pytorch, nanogpt

    /// What a model is there.
    var place: String { self == .gguf ? "file" : "folder" }
}
