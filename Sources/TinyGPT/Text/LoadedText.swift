import EmbeddedTexts
import Foundation

/// A text in memory: its characters as tokens of its own vocabulary, its digest and its files.
///
/// It is read in pieces, so that a text takes no more memory than its tokens, a byte for each character of most: 300 MB of text
/// take 300 MB.
public struct LoadedText: Sendable {
    /// The characters that occur in the text.
    public let vocabulary: Vocabulary
    /// The text, line endings as they were unless it was read as lines.
    public let tokens: TokenArray
    /// The SHA-256 digest of the bytes as read, all files concatenated: 64 lowercase hexadecimal digits.
    public let sha256: String
    /// Where it came from, in order: the paths as given, `-` for standard input, ``builtInName`` for the built-in text.
    public let paths: [String]
    /// Whether it is ``builtIn``.
    public let isBuiltIn: Bool

    /// Bytes after which a text is checked against the memory again.
    private static let checkedBytes = 1 << 26

    /// Reads files in order and concatenates them.
    ///
    /// A byte-order mark at the start of a file is dropped; line endings are kept, except by `lines`.
    ///
    /// - Parameters:
    ///   - paths: The files, `-` for standard input, which can be named once.
    ///   - lines: Whether every line will be a text of its own: then a carriage return that ends one is dropped, and the last line
    ///     of a file ends there.
    ///   - standardInput: The file descriptor that `-` stands for.
    ///   - limit: The most bytes of a file.
    ///   - progress: Called after every piece with the file's path, the bytes read of it, and its size where it has one.
    /// - Throws: ``TinyGPTError`` when a file cannot be read or is not UTF-8, when there is no text at all or too much for the
    ///   memory, or when `-` is named twice.
    public init(
        paths: [String], lines: Bool = false, standardInput: Int32 = 0, limit: Int = .max,
        progress: (_ path: String, _ bytes: Int, _ size: Int?) -> Void = { _, _, _ in }
    ) throws {
        if paths.count(where: { $0 == "-" }) > 1 { throw TinyGPTError.standardInputTwice }
        var encoder = GrowingVocabulary()
        var names: [String] = []
        var hash = SHA256()
        for path in paths {
            let file = path == "-" ? try InputFile(standardInput: standardInput) : try InputFile(path: path, .text)
            names.append(file.name.inOneLine)
            if lines, encoder.count > 0 { encoder.append(["\n"]) }
            try Self.read(file, lines: lines, limit, into: &encoder, &hash) { progress(path, $0, $1) }
        }
        if encoder.count == 0 {
            let place = names.isEmpty ? "no file was named" : "\(names.joined(separator: ", ")) is empty"
            throw TinyGPTError.emptyText(place: place)
        }
        self.init(&encoder, &hash, paths: paths, isBuiltIn: false)
    }

    /// The text that comes with the library, Shakespeare's sonnets, which is there in every folder.
    public static let builtIn: LoadedText = {
        var encoder = GrowingVocabulary()
        var hash = SHA256()
        let bytes = Array(sonnets().utf8)
        hash.update(bytes)
        encoder.append(String(decoding: bytes, as: UTF8.self).unicodeScalars.map(\.self))
        return LoadedText(&encoder, &hash, paths: [builtInName], isBuiltIn: true)
    }()

    /// What stands for the built-in text where paths stand for others. No path in a run is the same, since those are absolute.
    public static let builtInName = "shakespeare"

    /// Takes the text out of `encoder`, so that no second copy of it exists.
    private init(_ encoder: inout GrowingVocabulary, _ hash: inout SHA256, paths: [String], isBuiltIn: Bool) {
        (vocabulary, tokens) = encoder.finish()
        (sha256, self.paths, self.isBuiltIn) = (hash.finish(), paths, isBuiltIn)
    }

    private static func read(
        _ file: borrowing InputFile, lines: Bool, _ limit: Int, into encoder: inout GrowingVocabulary,
        _ hash: inout SHA256,
        progress: (Int, Int?) -> Void
    ) throws {
        var decoder = UTF8Decoder()
        var scalars: [Unicode.Scalar] = []
        var start: [UInt8] = []
        var (bytes, isAtStart, isReturnHeld) = (0, true, false)
        // Tokens take about as many bytes as the text; how much comes through a pipe is not known.
        try SystemMemory.require(min(file.size ?? 0, limit), for: "the text \(file.name.quoted)")
        do {
            try file.forEachPiece { bytesRead in
                let piece = Array(bytesRead)
                if start.count < 4 { start += piece.prefix(4 - start.count) }
                bytes += piece.count
                guard bytes <= limit else {
                    throw TinyGPTError.badFile(file.name, problem: "is too long: expected at most \(limit) bytes")
                }
                hash.update(piece)
                scalars.removeAll(keepingCapacity: true)
                try decoder.decode(piece, into: &scalars)
                if isAtStart, let first = scalars.first {
                    isAtStart = false
                    if first == "\u{FEFF}" { scalars.removeFirst() }
                }
                if lines {
                    // What follows one may be in the next piece.
                    if isReturnHeld { scalars.insert("\r", at: 0) }
                    isReturnHeld = scalars.last == "\r"
                    scalars = scalars.indices.filter {
                        scalars[$0] != "\r" || $0 + 1 < scalars.count && scalars[$0 + 1] != "\n"
                    }.map { scalars[$0] }
                }
                encoder.append(scalars)
                if bytes / checkedBytes > (bytes - piece.count) / checkedBytes {
                    let left = file.size.map { max(0, $0 - bytes) } ?? checkedBytes
                    try SystemMemory.require(min(left, checkedBytes), for: "more of the text \(file.name.quoted)")
                }
                progress(bytes, file.size)
            }
            try decoder.finish()
        } catch let failure as UTF8Decoder.Failure {
            throw TinyGPTError.notUTF8(
                file: file.name, byte: failure.byte, offset: failure.offset, line: failure.line,
                encoding: likelyEncoding(start))
        }
    }

    /// The encoding that a byte-order mark indicates.
    private static func likelyEncoding(_ bytes: [UInt8]) -> String? {
        if bytes.starts(with: [0xFF, 0xFE, 0, 0]) { return "UTF-32" }
        return bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) ? "UTF-16" : nil
    }

    /// The text in the tokens of another vocabulary.
    ///
    /// - Throws: ``TinyGPTError/unknownCharacters(places:vocabulary:count:)``.
    public func tokens(in other: Vocabulary) throws -> TokenArray {
        if other == vocabulary { return tokens }
        let table = vocabulary.characters.map { other.index(of: $0) ?? -1 }
        guard table.allSatisfy({ $0 >= 0 }) else {
            throw other.unknownCharacters(in: unknown(table))
        }
        return tokens.mapped(table)
    }

    /// The places where the characters without a token first occur, in order.
    private func unknown(_ table: [Int32]) -> [(position: Int, character: Unicode.Scalar)] {
        var missing = Set(table.indices.filter { table[$0] < 0 }.map(Int32.init))
        var places: [(Int, Unicode.Scalar)] = []
        for first in stride(from: 0, to: tokens.count, by: TokenArray.blockSize) where !missing.isEmpty {
            let block = tokens[first..<min(tokens.count, first + TokenArray.blockSize)]
            for (position, token) in block.enumerated() where missing.remove(token) != nil {
                places.append((first + position, vocabulary.characters[Int(token)]))
            }
        }
        return places
    }
}

/// A vocabulary that grows while its text is read, with the tokens in the order in which characters first occur.
private struct GrowingVocabulary {
    /// The characters in the order in which they first occur.
    private var characters: [Unicode.Scalar] = []
    /// A token for every scalar; -1 for those that have not occurred.
    private var tokenOfScalar = [Int32](repeating: -1, count: 0x11_0000)
    private var blocks: [TokenArray.Block] = []
    /// The tokens after the last full block.
    private var pending: [Int32] = []

    /// Tokens so far.
    var count: Int { blocks.count * TokenArray.blockSize + pending.count }

    mutating func append(_ scalars: [Unicode.Scalar]) {
        for scalar in scalars {
            var token = tokenOfScalar[Int(scalar.value)]
            if token < 0 {
                token = Int32(characters.count)
                tokenOfScalar[Int(scalar.value)] = token
                characters.append(scalar)
            }
            pending.append(token)
            if pending.count == TokenArray.blockSize {
                blocks.append(TokenArray.Block(pending))
                pending.removeAll(keepingCapacity: true)
            }
        }
    }

    /// The vocabulary, and the text in its tokens, which leaves nothing here.
    mutating func finish() -> (Vocabulary, TokenArray) {
        let vocabulary = Vocabulary(text: characters)
        var blocks: [TokenArray.Block] = []
        swap(&blocks, &self.blocks)
        if !pending.isEmpty { blocks.append(TokenArray.Block(pending)) }
        let table = characters.map { vocabulary.index(of: $0)! }
        // Block by block in place, so that no second copy of the text exists.
        for index in blocks.indices {
            var tokens: [Int32] = []
            blocks[index].append(0..<blocks[index].count, to: &tokens)
            blocks[index] = TokenArray.Block(tokens.lazy.map { table[Int($0)] })
        }
        return (vocabulary, TokenArray(blocks: blocks))
    }
}
