import Foundation
import Testing

@testable import Kernels

@Suite("Definitions")
struct ReferenceTests {
    @Test("Every definition is what some kernel is held against")
    func everyDefinitionIsUsed() throws {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let definitions = tests.appendingPathComponent("../../Sources/Kernels/Reference").standardized
        func text(of folder: URL) throws -> String {
            let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            return try files.filter { $0.pathExtension == "swift" }
                .map { try String(contentsOf: $0, encoding: .utf8) }.joined()
        }
        let names = try Set(text(of: definitions).matches(of: /package static func (\w+)/).map { String($0.1) })
        let calls = try Set(text(of: tests).matches(of: /Reference\.(\w+)\(/).map { String($0.1) })
        #expect(names.count > 20)
        #expect(names.subtracting(calls) == [])
    }

    @Test("A square of registers, and what sticks out of it, is transposed")
    func transpose() {
        for (rows, columns) in [(1, 1), (3, 5), (4, 4), (8, 7), (9, 8), (15, 17), (16, 16), (17, 31), (37, 50)] {
            let x = noise(rows * columns)
            let (source, target) = (Buffer(x), Buffer(repeating: .nan, count: x.count))
            withExtendedLifetime(source) {
                transposeBlock(
                    from: source.pointer, stride: columns, rows: rows, columns: columns, to: target.pointer,
                    stride: rows)
            }
            #expect(target.array == Reference.transpose(x, rows: rows, columns: columns))
        }
    }
}
