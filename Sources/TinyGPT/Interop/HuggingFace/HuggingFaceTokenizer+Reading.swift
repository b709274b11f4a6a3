extension HuggingFaceTokenizer {
    /// The most bytes of a `tokenizer.json`; with every character, an export has 60 million.
    private static let sizeLimit = 1 << 26

    /// The vocabulary of a `tokenizer.json`.
    ///
    /// - Throws: ``TinyGPTError/badFile(_:problem:)`` when its tokens are not single characters in ascending order.
    static func read(_ path: String) throws -> Vocabulary {
        func refuse(_ got: String) -> TinyGPTError {
            .badFile(
                path,
                problem: "cannot be imported: expected a tokenizer with one character per token, as an export has, "
                    + "but it has \(got)")
        }
        var (hasModel, kind): (Bool, String) = (false, "none")
        var characters: [Unicode.Scalar]?
        do {
            var scanner = try JSONScanner(try InputFile(path: path).readToEnd(limit: sizeLimit), mostNames: 1_000_000)
            try scanner.object { scanner, key in
                guard key == "model" else { return try scanner.skip() }
                hasModel = true
                try scanner.object { scanner, key in
                    switch key {
                    case "type": kind = try scanner.scalar().description.excerpt
                    case "vocab" where scanner.isAtArray():
                        characters = try readWords(&scanner) { refuse("the token '\($0.excerpt)'") }
                    default: try scanner.skip()
                    }
                }
            }
            try scanner.end()
        } catch let mistake as JSONScanner.Mistake {
            throw refuse("malformed JSON (\(mistake))")
        }
        guard hasModel else { throw refuse("no model") }
        guard let characters else { throw refuse("a vocabulary of the kind '\(kind)'") }
        return try Vocabulary(characters: characters, from: path)
    }

    /// The first value of each pair of word and weight.
    private static func readWords(
        _ scanner: inout JSONScanner, refuse: (String) -> TinyGPTError
    ) throws -> [Unicode.Scalar] {
        var characters: [Unicode.Scalar] = []
        try scanner.array { scanner in
            var count = 0
            try scanner.array { scanner in
                count += 1
                guard count == 1 else { return try scanner.skip() }
                let word = try scanner.string()
                guard word.unicodeScalars.count == 1 else { throw refuse(word) }
                characters.append(word.unicodeScalars.first!)
            }
            guard count > 0 else { throw refuse("") }
        }
        return characters
    }
}
