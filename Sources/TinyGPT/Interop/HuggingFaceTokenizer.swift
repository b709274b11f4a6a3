/// `tokenizer.json`: every character is a word, and a text is taken apart into characters.
///
/// A character that the model never saw has no token, and the tokenizer says so rather than putting another in its place.
struct HuggingFaceTokenizer: Codable {
    struct Model: Codable {
        var type = "WordLevel"
        var vocab: [String: Int]
        /// In no vocabulary, which makes unknown characters an error.
        var unknown = "<unknown>"

        enum CodingKeys: String, CodingKey {
            case type, vocab
            case unknown = "unk_token"
        }
    }

    struct Split: Codable {
        struct Pattern: Codable {
            /// Any one character, line breaks too.
            var regex = "[\\s\\S]"

            enum CodingKeys: String, CodingKey { case regex = "Regex" }
        }

        var type = "Split"
        var pattern = Pattern()
        var behavior = "Isolated"
        var invert = false
    }

    struct Fuse: Codable { var type = "Fuse" }

    /// Tokens with a meaning of their own: none.
    struct AddedToken: Codable {}

    var version = "1.0"
    var splitting = Split()
    var decoder = Fuse()
    var model: Model
    var addedTokens: [AddedToken] = []

    enum CodingKeys: String, CodingKey {
        case version, decoder, model
        case splitting = "pre_tokenizer"
        case addedTokens = "added_tokens"
    }

    init(_ vocabulary: Vocabulary) {
        let pairs = vocabulary.characters.enumerated().map { (String(Character($0.element)), $0.offset) }
        model = Model(vocab: Dictionary(uniqueKeysWithValues: pairs))
    }
}
