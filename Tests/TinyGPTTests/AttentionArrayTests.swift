import Foundation
import Testing

@testable import TinyGPT

@Suite("Arrays of attention")
struct AttentionArrayTests {
    private static let vocabulary = Vocabulary(text: "ab\n".unicodeScalars)

    private static func trace() throws -> ModelTrace {
        let configuration = GPT.Configuration(vocabulary: vocabulary.count, layers: 2, heads: 3, width: 12, context: 4)
        return try ModelTrace(of: GPT(configuration, seed: 3), on: vocabulary.encode("ab\n".unicodeScalars))
    }

    private static func array(_ trace: ModelTrace, layer: Int?, head: Int?) -> AttentionArray {
        AttentionArray(trace, layer: layer, head: head, vocabulary: vocabulary)
    }

    @Test(
        "The chosen heads are there bit by bit, and the metadata say which",
        arguments: [(nil, nil, [2, 3, 3, 3]), (1, nil, [3, 3, 3]), (nil, 2, [2, 3, 3]), (1, 2, [3, 3])]
            as [(Int?, Int?, [Int])])
    func safetensors(layer: Int?, head: Int?, shape: [Int]) throws {
        let (folder, trace) = (try TemporaryFolder(), try Self.trace())
        try Self.array(trace, layer: layer, head: head).writeSafetensors(to: folder["a"])
        let file = try Safetensors.read(from: folder["a"])
        let tensor = try #require(file.tensors["attention"])
        let expected = (layer.map { [$0] } ?? [0, 1]).flatMap { layer in
            (head.map { [$0] } ?? [0, 1, 2]).flatMap { trace.weights(layer: layer, head: $0).flatMap { $0 } }
        }
        #expect(tensor.shape == shape)
        #expect(tensor.values.map(\.bitPattern) == expected.map(\.bitPattern))
        #expect(file.metadata["characters"] == "ab\n")
        #expect(file.metadata["tokens"] == "1 2 0")
        #expect(file.metadata["layer"] == layer.map(String.init))
        #expect(file.metadata["head"] == head.map(String.init))
    }

    @Test("A .npy file is NumPy's header and then the numbers, their lowest bytes first")
    func numpy() throws {
        let folder = try TemporaryFolder()
        try NumPyFile.write(.init(shape: [2], values: [1, -2.5]), to: folder["a"])
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder["a"])))
        #expect(Array(bytes[..<128]) == NumPyFile.header([2]))
        #expect(Array(bytes[128...]) == [0, 0, 0x80, 0x3F, 0, 0, 0x20, 0xC0])
    }
}
