import Foundation
import Layers
import Testing

@testable import TinyGPT

@Suite("Reading text")
struct LoadedTextTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func text(_ loaded: LoadedText) -> String {
        loaded.vocabulary.decode(loaded.tokens.array)
    }

    @Test("Files are concatenated in the order given, and the digest is that of their bytes")
    func concatenation() throws {
        let first = try folder.write("b.txt", "to be ")
        let second = try folder.write("a.txt", "or not")
        let loaded = try LoadedText(paths: [first, second])
        #expect(text(loaded) == "to be or not")
        #expect(loaded.paths == [first, second])
        #expect(loaded.sha256 == SHA256.digest(of: Array("to be or not".utf8)))
    }

    @Test(
        "Where lines are texts of their own, a file ends its last line, and carriage returns are no characters of them")
    func lines() throws {
        let first = try folder.write("b.txt", "to be\r\nor not")
        let second = try folder.write("a.txt", "to be\r\n")
        let loaded = try LoadedText(paths: [first, second], lines: true)
        #expect(text(loaded) == "to be\nor not\nto be\n")
        #expect(loaded.sha256 == SHA256.digest(of: Array("to be\r\nor notto be\r\n".utf8)))
    }

    @Test("The text of a run is read again from its files; the built-in one is there in every folder")
    func textOfARun() throws {
        let path = try folder.write("a.txt", "or not")
        for loaded in [try LoadedText(paths: [path]), .builtIn] {
            let again = try LoadedText(of: Checkpoint.DataDescription(sha256: loaded.sha256, files: loaded.paths))
            #expect(again.sha256 == loaded.sha256)
            #expect(again.paths == loaded.paths)
            #expect(again.isBuiltIn == loaded.isBuiltIn)
        }
    }

    @Test("A byte-order mark at the start of each file is dropped, one elsewhere and CRLF are kept")
    func byteOrderMark() throws {
        let first = try folder.write("1.txt", [0xEF, 0xBB, 0xBF] + Array("a\r\n\u{FEFF}b".utf8))
        let second = try folder.write("2.txt", [0xEF, 0xBB, 0xBF] + Array("c".utf8))
        let loaded = try LoadedText(paths: [first, second])
        #expect(Array(text(loaded).unicodeScalars) == ["a", "\r", "\n", "\u{FEFF}", "b", "c"])
        #expect(loaded.sha256 == SHA256.digest(of: [0xEF, 0xBB, 0xBF] + Array("a\r\n\u{FEFF}b\u{FEFF}c".utf8)))
    }

    @Test("Scalars at the edges of every sequence length are decoded")
    func edges() throws {
        let scalars: [Unicode.Scalar] = [
            "\u{0}", "\u{7F}", "\u{80}", "\u{7FF}", "\u{800}", "\u{D7FF}", "\u{E000}", "\u{FFFF}", "\u{10000}",
            "\u{10FFFF}",
        ]
        let path = try folder.write("edges.txt", String(String.UnicodeScalarView(scalars)))
        #expect(try Array(text(LoadedText(paths: [path])).unicodeScalars) == scalars)
    }

    static let illFormed: [[UInt8]] = [
        [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF],
        [0xE2, 0x82], [0xE2, 0x28, 0xA1], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80],
        [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x9F, 0x98], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF],
    ]

    @Test("What is not UTF-8 is refused at the offset where the bad sequence begins", arguments: illFormed)
    func illFormedBytes(bytes: [UInt8]) throws {
        let path = try folder.write("bad.txt", Array("né\n".utf8) + bytes)
        let error = userError { _ = try LoadedText(paths: [path]) }
        #expect(error?.kind == .badData)
        let message = try #require(error?.description)
        #expect(message.contains(path))
        #expect(message.contains("byte offset 4 (line 2)"))
    }

    @Test("Decoding agrees with the standard library about every sequence of two bytes and many of four")
    func agreesWithStandardLibrary() {
        var random = RandomStream(seed: 2, purpose: .sampling)
        let leads: [UInt8] = [0x41, 0xC3, 0xE0, 0xE2, 0xED, 0xF0, 0xF1, 0xF4, 0x80, 0xBF, 0x90, 0x9F, 0xA0]
        let pairs = (0...UInt16.max).map { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
        let fours = (0..<20_000).map { _ in (0..<4).map { _ in leads[random.below(leads.count)] } }
        let disagreements = (pairs + fours).filter { bytes in
            var scalars: [Unicode.Scalar] = []
            var decoder = UTF8Decoder()
            let decoded = (try? decoder.decode(bytes, into: &scalars)) != nil && (try? decoder.finish()) != nil
            let expected = String(validating: bytes, as: UTF8.self)
            return decoded != (expected != nil) || decoded && scalars != Array(expected!.unicodeScalars)
        }
        #expect(disagreements.isEmpty)
    }

    @Test("A text cut anywhere is decoded as in one piece, and what is wrong with it is found at the same place")
    func pieces() {
        let good = Array("a\né€\n😀\u{FEFF}".utf8)
        for bytes in [good, good + [0xE2, 0x28, 0xA1], good + [0xF0, 0x9F], good + [0xC3]] {
            func decoded(_ pieces: [[UInt8]]) -> ([Unicode.Scalar], UTF8Decoder.Failure?) {
                var (decoder, scalars) = (UTF8Decoder(), [Unicode.Scalar]())
                do throws(UTF8Decoder.Failure) {
                    for piece in pieces { try decoder.decode(piece, into: &scalars) }
                    try decoder.finish()
                    return (scalars, nil)
                } catch { return (scalars, error) }
            }
            let whole = decoded([bytes])
            #expect(bytes == good ? whole.1 == nil : whole.1?.offset == good.count && whole.1?.line == 3)
            for cut in 0...bytes.count {
                let parts = decoded([Array(bytes[..<cut]), Array(bytes[cut...])])
                #expect(parts.0 == whole.0 && parts.1 == whole.1, "cut at \(cut)")
            }
            let single = decoded(bytes.map { [$0] })
            #expect(single.0 == whole.0 && single.1 == whole.1)
        }
    }

    @Test("A pipe is refused at its first bad byte, while its writer goes on")
    func badPipe() {
        let pipe = Pipe()
        defer { try? pipe.fileHandleForWriting.close() }
        pipe.fileHandleForWriting.write(Data([0x61, 0xFF]))
        let error = userError {
            _ = try LoadedText(paths: ["-"], standardInput: pipe.fileHandleForReading.fileDescriptor)
        }
        #expect(error?.kind == .badData)
    }

    @Test("A text in another vocabulary has its tokens, or is refused with the first place of each unknown character")
    func otherVocabulary() throws {
        let loaded = try LoadedText(paths: [try folder.write("text.txt", "babxay")])
        #expect(try loaded.tokens(in: Vocabulary(text: "abcxy".unicodeScalars)).array == [1, 0, 1, 3, 0, 4])
        let error = userError { _ = try loaded.tokens(in: Vocabulary(text: "ab".unicodeScalars)) }
        #expect(error?.description.contains("'x' (U+0078) at position 3, 'y' (U+0079) at position 5") == true)
    }

    @Test("Progress counts the bytes of each file and knows the size of a regular one")
    func progress() throws {
        let path = try folder.write("text.txt", String(repeating: "ab", count: 200_000))
        var reports: [(Int, Int?)] = []
        _ = try LoadedText(paths: [path]) { reports.append(($1, $2)) }
        #expect(reports.count > 1 && reports.last?.0 == 400_000)
        #expect(reports.allSatisfy { $0.1 == 400_000 })
    }

    @Test("UTF-16 and UTF-32 are recognized by their byte-order marks")
    func otherEncodings() throws {
        let marks: [([UInt8], String)] = [
            ([0xFF, 0xFE, 0x41, 0], "UTF-16"), ([0xFE, 0xFF, 0, 0x41], "UTF-16"), ([0xFF, 0xFE, 0, 0], "UTF-32"),
        ]
        for (bytes, encoding) in marks {
            let path = try folder.write("wide.txt", bytes)
            guard case .notUTF8(_, _, 0, 1, encoding) = userError({ _ = try LoadedText(paths: [path]) }) else {
                Issue.record("\(encoding) was not recognized")
                continue
            }
        }
    }

    @Test("The message about a bad byte says what, where and what to do")
    func wholeMessage() {
        let descriptors = pipe(holding: [0x61, 0xE9, 0x62])
        defer { close(descriptors) }
        let error = userError { _ = try LoadedText(paths: ["-"], standardInput: descriptors) }
        #expect(
            error?.description == """
                standard input is not UTF-8: invalid byte 0xE9 at byte offset 1 (line 1)
                """)
    }

    @Test("A hyphen is standard input, wherever it stands, and only once")
    func standardInput() throws {
        let descriptor = pipe(holding: Array("ham".utf8))
        defer { close(descriptor) }
        let path = try folder.write("let.txt", "let")
        let loaded = try LoadedText(paths: ["-", path], standardInput: descriptor)
        #expect(text(loaded) == "hamlet")
        #expect(loaded.paths == ["-", path])
        #expect(userError { _ = try LoadedText(paths: ["-", "-"]) }?.kind == .usage)
    }

    @Test("A file larger than one read is read whole")
    func largeFile() throws {
        let path = try folder.write("large.txt", String(repeating: "abcdefg\n", count: 100_000))
        let loaded = try LoadedText(paths: [path])
        #expect(loaded.tokens.count == 800_000)
        #expect(text(loaded).hasSuffix("abcdefg\nabcdefg\n"))
    }

    @Test("What is missing, a folder or empty is told apart")
    func unusable() throws {
        let missing = userError { _ = try LoadedText(paths: [folder["none.txt"]]) }
        #expect(missing?.kind == .missingInput)
        #expect(missing?.description.contains("there is no file '\(folder["none.txt"])'") == true)
        let directory = userError { _ = try LoadedText(paths: [folder.path]) }
        #expect(directory?.kind == .missingInput)
        #expect(directory?.description.contains("is a folder") == true)
        let empty = try folder.write("empty.txt", [0xEF, 0xBB, 0xBF])
        let nothing = userError { _ = try LoadedText(paths: [empty]) }
        #expect(nothing?.kind == .badData)
        #expect(nothing?.description.contains("\(empty) is empty") == true)
        #expect(userError { _ = try LoadedText(paths: []) }?.kind == .badData)
    }

    /// The reading end of a pipe with a few bytes in it and no writer left.
    private func pipe(holding bytes: [UInt8]) -> Int32 {
        let pipe = Pipe()
        pipe.fileHandleForWriting.write(Data(bytes))
        try? pipe.fileHandleForWriting.close()
        return dup(pipe.fileHandleForReading.fileDescriptor)
    }
}
