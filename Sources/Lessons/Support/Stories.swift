/// 96 sentences in which "it" is the thing that came out of a place, as the words of a small vocabulary.
enum Stories {
    /// The words that a network reads of each sentence; it predicts the word after each.
    static let length = 11
    /// The place of "it".
    static let it = 8
    /// Sentences in which a thing comes out of a place that it comes out of in no other.
    static let unseen = all.filter(\.isUnseen).map(\.words)
    /// The other sentences, to train on.
    static let seen = all.filter { !$0.isUnseen }.map(\.words)
    /// All words, in alphabetical order.
    static let vocabulary = Array(Set(all.flatMap(\.words))).sorted()

    private static let things = [
        ("pizza", "tasted good"), ("bread", "smelled fresh"), ("cat", "ran away"), ("bird", "flew off"),
        ("song", "sounded sad"),
        ("ball", "rolled far"), ("lamp", "shone bright"), ("stone", "fell down"),
    ]
    private static let places = ["oven", "house", "box", "garden"]
    private static let wordings = [
        "the THING came out of the PLACE and it DID .", "out of the PLACE came the THING and it DID .",
        "a big THING came from the PLACE and it DID .",
    ]

    private static let all: [(words: [String], isUnseen: Bool)] = things.enumerated().flatMap { number, thing in
        places.enumerated().flatMap { place in
            wordings.map { wording in
                let text = wording.replacing("THING", with: thing.0).replacing("PLACE", with: place.element)
                    .replacing("DID", with: thing.1)
                return (text.split(separator: " ").map(String.init), number % places.count == place.offset)
            }
        }
    }

    /// The numbers of words in the vocabulary.
    static func tokens(_ words: some Sequence<String>) -> [Int32] {
        words.map { numbers[$0]! }
    }

    private static let numbers = Dictionary(uniqueKeysWithValues: zip(vocabulary, Int32(0)...))
}
