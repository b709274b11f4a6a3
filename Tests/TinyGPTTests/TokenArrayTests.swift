import Testing

@testable import TinyGPT

@Suite("Tokens of a text")
struct TokenArrayTests {
    /// Tokens that need one, two and four bytes, in blocks of each.
    private static let mixed: [Int32] = (0..<TokenArray.blockSize * 3 + 5).map { index in
        let largest = [0xFF, 0xFFFF, 0x10_FFFF][min(2, index / TokenArray.blockSize)]
        return Int32((index * 7919) % (largest + 1))
    }

    @Test("Every range holds the tokens of the array, across blocks too")
    func ranges() {
        let tokens = TokenArray(Self.mixed)
        #expect(tokens.array == Self.mixed)
        let size = TokenArray.blockSize
        for range in [0..<0, 0..<1, size - 2..<size + 3, size..<size, size - 1..<3 * size + 5, 3 * size..<3 * size + 5]
        {
            #expect(tokens[range] == Array(Self.mixed[range]), "\(range)")
        }
    }

    @Test("A part counts from 0, and so does a part of it")
    func parts() {
        let part = TokenArray(Self.mixed).part(1000..<140_000)
        #expect(part.count == 139_000)
        #expect(part[0..<10] == Array(Self.mixed[1000..<1010]))
        #expect(part.part(65_000..<66_000).array == Array(Self.mixed[66_000..<67_000]))
        #expect(part == TokenArray(Array(Self.mixed[1000..<140_000])))
        #expect(part != TokenArray(Array(Self.mixed[1001..<140_001])))
    }

    @Test("Tokens replaced through a table take the size that they then need")
    func mapping() {
        let tokens = TokenArray([0, 1, 2, 1])
        #expect(tokens.mapped([70_000, 3, 300]).array == [70_000, 3, 300, 3])
    }

    @Test("Only a text of one token over and over has an only token")
    func onlyToken() {
        #expect(TokenArray([Int32](repeating: 7, count: 200_000)).onlyToken == 7)
        #expect(TokenArray([Int32](repeating: 7, count: 200_000) + [8]).onlyToken == nil)
        #expect(TokenArray([]).onlyToken == nil)
    }
}
