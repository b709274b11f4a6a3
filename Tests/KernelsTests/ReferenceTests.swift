import Foundation
import Testing

@testable import Kernels

@Suite("Definitions")
struct ReferenceTests {
    /// Every entry point of a kernel, and the definitions that it is held against.
    private static let definitions: [String: [String]] = [
        "AdamWKernel.update": ["adamW"],
        "AttentionKernel.forward": ["attention"], "AttentionKernel.backward": ["attentionGradient"],
        "CrossEntropyKernel.forward": ["crossEntropy", "logSums"],
        "CrossEntropyKernel.backward": ["crossEntropyGradient"],
        "DropoutKernel.forward": ["dropout", "dropoutFactors"],
        "ElementwiseKernel.apply": ["value", "combine"], "ElementwiseKernel.gradient": ["derivative"],
        "EmbeddingKernel.gather": ["embedding"], "EmbeddingKernel.scatterAdd": ["embeddingGradient"],
        "GELUKernel.forward": ["gelu"], "GELUKernel.backward": ["geluDerivative"],
        "LayerNormKernel.forward": ["layerNorm"], "LayerNormKernel.backward": ["layerNormGradient"],
        "MuonKernel.update": ["muon", "orthogonalized"], "RowAdamKernel.update": ["rowAdam"],
        "Matmul.multiply": ["matmul", "transpose"],
        "ReductionKernel.sum": ["sum"], "ReductionKernel.sumOfSquares": ["sumOfSquares"],
        "ReductionKernel.sumRows": ["sumRows"],
        "RMSNormKernel.forward": ["rmsNorm"], "RMSNormKernel.backward": ["rmsNormGradient"],
        "RotaryKernel.forward": ["rotary", "rotations"], "RotaryKernel.backward": ["rotaryGradient"],
        "SoftmaxKernel.forward": ["softmax"], "SoftmaxKernel.backward": ["softmaxGradient"],
        "SwiGLUKernel.forward": ["swiGLU"], "SwiGLUKernel.backward": ["swiGLUGradient"],
    ]

    private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    private static let kernels = tests.appendingPathComponent("../../Sources/Kernels").standardized

    /// The Swift files of a folder and the folders in it, by their paths.
    private static func files(in folder: URL) throws -> [String: String] {
        var texts: [String: String] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path) where path.hasSuffix(".swift") {
            texts[path] = try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
        }
        return texts
    }

    @Test("Every entry point of a kernel has a definition")
    func everyKernelHasADefinition() throws {
        var found: Set<String> = []
        for (path, text) in try Self.files(in: Self.kernels) where !path.hasPrefix("Reference/") {
            guard let type = text.firstMatch(of: /(?:package enum|extension) (\w+Kernel|Matmul)\b/)?.1 else { continue }
            found.formUnion(text.matches(of: /package static func (\w+)/).map { "\(type).\($0.1)" })
        }
        #expect(found == Set(Self.definitions.keys))
    }

    @Test("Every definition is there, belongs to a kernel, and is what a test holds that kernel against")
    func everyDefinitionIsUsed() throws {
        let definitions = try Self.files(in: Self.kernels.appendingPathComponent("Reference")).values.joined()
        let tests = try Self.files(in: Self.tests).values.joined()
        let names = Set(definitions.matches(of: /package static func (\w+)/).map { String($0.1) })
        #expect(names == Set(Self.definitions.values.joined()))
        let calls = Set(tests.matches(of: /\w+\.\w+(?=\()/).map { String($0.0) })
        #expect(Set(Self.definitions.keys).subtracting(calls) == [])
        #expect(names.filter { !calls.contains("Reference.\($0)") } == [])
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
