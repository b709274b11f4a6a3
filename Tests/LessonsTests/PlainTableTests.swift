import Testing

@testable import Lessons

@Suite("Tables of lessons")
struct PlainTableTests {
    @Test("Numbers are flush right, words flush left")
    func alignment() {
        let table = PlainTable(["name", "loss"], [["a", "1.5"], ["longer", "-12.25"]])
        #expect(table.text == "name      loss\na          1.5\nlonger  -12.25\n")
    }
}
