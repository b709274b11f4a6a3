/// The vocabulary of a model as llama.cpp's tokenizer "rwkv": a list of words, of which a text is cut by the longest that fits.
/// Every character is one word, and no token ends a text.
package enum GGUFVocabulary {
    static let tokenizer = "rwkv"

    /// A chat template that continues the text of the messages as it is; without one llama.cpp wraps it in tags of another model.
    /// The comment in front keeps `llama-completion` from taking it for an unknown template, which ends that program.
    static let chatTemplate =
        "{# <|im_start|> #}{% for message in messages %}{{ message['content'] }}{% endfor %}"

    /// The kinds of tokens there: a character, and one that is never written.
    enum TokenType {
        static let normal: Int32 = 1
        static let control: Int32 = 3
    }

    /// A character as that tokenizer reads words: escapes for what is below the space, with lower-case digits.
    static func word(_ character: Unicode.Scalar) -> String {
        switch character {
        case "\n": "\\n"
        case "\t": "\\t"
        case "\r": "\\r"
        case "\\": "\\\\"
        case "\0"..<" ", "\u{7F}": byte(UInt8(character.value))
        default: String(character)
        }
    }

    /// A single byte as a word.
    static func byte(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return "\\x" + (digits.count < 2 ? "0" : "") + digits
    }

    /// The character that a word is; nil for a word of none or several.
    static func character(_ word: String) -> Unicode.Scalar? {
        let scalars = Array(word.unicodeScalars)
        if scalars.count == 1, scalars[0] != "\\" { return scalars[0] }
        guard scalars.count > 1, scalars[0] == "\\" else { return nil }
        switch (scalars[1], scalars.count) {
        case ("n", 2): return "\n"
        case ("t", 2): return "\t"
        case ("r", 2): return "\r"
        case ("\\", 2): return "\\"
        case ("x", 4):
            let digits = String(String.UnicodeScalarView(scalars[2...]))
            guard let value = UInt8(digits, radix: 16), value < 0x80 else { return nil }
            return Unicode.Scalar(value)
        default: return nil
        }
    }

    /// The token that unknown characters are read as: the space, or the newline, or the first one.
    package static func unknownToken(_ vocabulary: Vocabulary) -> Int32 {
        vocabulary.index(of: " ") ?? vocabulary.startToken
    }

    /// The distinct first bytes of characters of several bytes.
    ///
    /// Without a word of its own for each, that tokenizer never ends on an unknown character that begins like a known one, such
    /// as "ñ" where "é" is known.
    static func leadBytes(_ vocabulary: Vocabulary) -> [UInt8] {
        Set(vocabulary.characters.lazy.filter { !$0.isASCII }.map { UTF8.encode($0)!.first! }).sorted()
    }
}

extension GGUFVocabulary {
    /// The keys of a tokenizer, in order.
    static func values(_ vocabulary: Vocabulary, leadBytes: [UInt8], unknown: Int32) -> [(
        key: String, value: GGUFValue
    )] {
        let tokens = vocabulary.characters.map(word) + leadBytes.map(byte)
        let types = vocabulary.characters.map { _ in TokenType.normal } + leadBytes.map { _ in TokenType.control }
        let first = Int32(vocabulary.count)
        let suppressed = leadBytes.indices.map { first + Int32($0) }
        return [
            ("tokenizer.ggml.model", .string(tokenizer)), ("tokenizer.ggml.tokens", .strings(tokens)),
            ("tokenizer.ggml.token_type", .integers(types)),
            ("tokenizer.ggml.unknown_token_id", .unsigned(UInt32(unknown))),
        ] + (leadBytes.isEmpty ? [] : [("tokenizer.ggml.suppress_tokens", .integers(suppressed))]) + [
            ("tokenizer.chat_template", .string(chatTemplate))
        ]
    }

    /// The vocabulary in a file.
    ///
    /// - Returns: The characters, and the number of words after them that are none.
    /// - Throws: ``TinyGPTError/badFile(_:problem:)`` when its tokens are not single characters in ascending order, followed by
    ///   lead bytes.
    static func read(_ file: GGUFFile, path: String) throws -> (vocabulary: Vocabulary, leadBytes: Int) {
        func refuse(_ got: String) -> TinyGPTError {
            .badFile(
                path,
                problem:
                    "cannot be imported: expected a tokenizer 'rwkv' with one character per token, as an export has, "
                    + "but it has \(got)")
        }
        guard file.values["tokenizer.ggml.model"] == .string(tokenizer) else {
            throw refuse(file.found("tokenizer.ggml.model"))
        }
        guard case .strings(let words)? = file.values["tokenizer.ggml.tokens"],
            case .integers(let types)? = file.values["tokenizer.ggml.token_type"], words.count == types.count
        else { throw refuse("no list of tokens and of their types, equally long") }
        let count = types.firstIndex { $0 != TokenType.normal } ?? types.count
        guard types[count...].allSatisfy({ $0 == TokenType.control }) else { throw refuse("tokens of other types") }
        let characters = try words[..<count].map { word in
            guard let character = character(word) else { throw refuse("the token '\(word.excerpt)'") }
            return character
        }
        let vocabulary = try Vocabulary(characters: characters, from: path)
        guard words[count...].elementsEqual(leadBytes(vocabulary).map(byte)) else {
            throw refuse("other tokens than the first bytes of its characters at the end")
        }
        return (vocabulary, words.count - count)
    }
}
