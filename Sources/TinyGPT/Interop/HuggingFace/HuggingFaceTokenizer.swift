/// `tokenizer.json`: every character is a word, and a text is taken apart into characters.
///
/// A character outside the vocabulary has no token, and encoding it is an error, not a replacement by another.
/// Of the kinds of model that tokenizers know, "Unigram" is the one whose words are a list. Those of the others are the keys
/// of an object, which cannot be read back where two characters look the same to Unicode, such as K and the Kelvin sign.
struct HuggingFaceTokenizer: Encodable {
    struct Model: Encodable {
        let type = "Unigram"
        let vocab: [Word]
    }

    /// A character and its weight, by which a text would be taken apart if there were a choice.
    struct Word: Encodable {
        let text: String

        init(_ character: Unicode.Scalar) { text = String(Character(character)) }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.unkeyedContainer()
            try container.encode(text)
            try container.encode(0.0)
        }
    }

    struct Split: Encodable {
        var type = "Split"
        /// Any one character, line breaks too.
        var pattern = ["Regex": "[\\s\\S]"]
        var behavior = "Isolated"
        var invert = false
    }

    var version = "1.0"
    var splitting = Split()
    var decoder = ["type": "Fuse"]
    var model: Model
    /// Tokens with a meaning of their own: none.
    var addedTokens: [String] = []

    enum CodingKeys: String, CodingKey {
        case version, decoder, model
        case splitting = "pre_tokenizer"
        case addedTokens = "added_tokens"
    }

    init(_ vocabulary: Vocabulary) {
        model = Model(vocab: vocabulary.characters.map(Word.init))
    }
}
