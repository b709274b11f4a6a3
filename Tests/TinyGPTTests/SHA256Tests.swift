import Testing

@testable import TinyGPT

@Suite("SHA-256")
struct SHA256Tests {
    static let standardMessages = [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
        ),
    ]

    @Test("The standard's example messages have the standard's digests", arguments: standardMessages)
    func standardExamples(message: String, digest: String) {
        #expect(SHA256.digest(of: Array(message.utf8)) == digest)
    }

    @Test("A million times the letter a has the standard's digest")
    func longMessage() {
        let digest = SHA256.digest(of: [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000))
        #expect(digest == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test("The digest does not depend on how the bytes are cut into pieces")
    func pieces() {
        let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 * 7) }
        let whole = SHA256.digest(of: bytes)
        for size in [1, 3, 55, 56, 63, 64, 65, 127, 128, 129] {
            var hash = SHA256()
            for start in stride(from: 0, to: bytes.count, by: size) {
                hash.update(Array(bytes[start..<min(start + size, bytes.count)]))
            }
            #expect(hash.finish() == whole, "pieces of \(size) bytes")
        }
    }

    @Test("Every length around the padding boundaries has a digest of its own")
    func paddingLengths() {
        let digests = Set((0...130).map { SHA256.digest(of: [UInt8](repeating: 0, count: $0)) })
        #expect(digests.count == 131)
        #expect(digests.allSatisfy { $0.utf8.count == 64 })
    }
}
