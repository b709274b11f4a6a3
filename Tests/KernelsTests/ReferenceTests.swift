import Foundation
import Testing

@testable import Kernels

@Suite("Definitions")
struct ReferenceTests {
    /// Every entry point of a kernel, and the definitions that it is held against.
    static let definitions: [String: [String]] = [
        "AdamWKernel.update": ["adamW"],
        "AttentionKernel.forward": ["attention"], "AttentionKernel.backward": ["attentionGradient"],
        "AxisKernel.reduce": ["sumAxis", "maximumAxis"], "AxisKernel.maximumGradient": ["maximumAxisGradient"],
        "CrossEntropyKernel.forward": ["crossEntropy", "logSums"],
        "CrossEntropyKernel.backward": ["crossEntropyGradient"],
        "DecodeProgram.embed": ["embedding"], "DecodeProgram.layerNorm": ["layerNorm"],
        "DecodeProgram.rmsNorm": ["rmsNorm"], "DecodeProgram.columnParallel": ["matmul", "bfloat16", "int8"],
        "DecodeProgram.gelu": ["gelu"], "DecodeProgram.swiGLU": ["swiGLU"], "DecodeProgram.rotary": ["rotary"],
        "DecodeProgram.attend": ["attention"], "DecodeProgram.addRowParallel": ["matmul", "bfloat16", "int8"],
        "DecodeProgram.logits": ["matmul", "transpose", "bfloat16", "int8"],
        "DropoutKernel.forward": ["dropout", "dropoutFactors"],
        "ElementwiseKernel.apply": ["value", "combine"], "ElementwiseKernel.gradient": ["derivative"],
        "ElementwiseKernel.mask": ["masked"],
        "EmbeddingKernel.gather": ["embedding"], "EmbeddingKernel.scatterAdd": ["embeddingGradient"],
        "GELUKernel.forward": ["gelu"], "GELUKernel.backward": ["geluDerivative"],
        "KeyValueCache.fill": ["attention"], "KeyValueCache.attend": ["attention"],
        "KeyValueCache.lastWeights": ["attention"],
        "LayerNormKernel.forward": ["layerNorm"], "LayerNormKernel.backward": ["layerNormGradient"],
        "MuonKernel.update": ["muon", "orthogonalized"], "RowAdamKernel.update": ["rowAdam"],
        "Matmul.multiply": ["matmul", "transpose"], "Matmul.multiplyBatch": ["matmul", "transpose"],
        "ReductionKernel.sum": ["sum"], "ReductionKernel.sumOfSquares": ["sumOfSquares"],
        "ReductionKernel.sumRows": ["sumRows"],
        "RMSNormKernel.forward": ["rmsNorm"], "RMSNormKernel.backward": ["rmsNormGradient"],
        "RotaryKernel.forward": ["rotary", "rotations"], "RotaryKernel.backward": ["rotaryGradient"],
        "SGDKernel.update": ["sgd"], "StridedKernel.copy": ["strided"],
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

    /// Functions for other targets that compute nothing of a model, and those that only several processes together can call.
    private static let others: Set<String> = [
        "Buffer.copy", "Buffer.hash", "Buffer.replace", "BufferSum.add", "BufferSum.advance", "BufferSum.finish",
        "BufferSum.waitForParts", "ProcessGroup.announce", "ProcessGroup.awaitAnnouncement", "ProcessGroup.broadcast",
        "ProcessGroup.gather", "ProcessGroup.leave", "ProcessGroup.part", "CompiledDecodeProgram.run",
        "DecodeProgram.compiled", "DecodeProgram.scope",
        "Parallel.overwriteUnusedMemory", "PeakSpeed.exercise",
    ]

    /// The functions that a file shows to other targets, each with the type that it is declared in.
    private static func entryPoints(in text: String) -> [String] {
        let types = text.matches(of: /(?m)^(?:package |final )*(?:enum|struct|class|extension) (\w+)/)
        return text.matches(of: /package (?:static |mutating )*func (\w+)/).compactMap { function in
            types.last { $0.range.lowerBound < function.range.lowerBound }.map { "\($0.1).\(function.1)" }
        }
    }

    @Test("Every entry point of a kernel has a definition")
    func everyKernelHasADefinition() throws {
        let files = try Self.files(in: Self.kernels).filter { !$0.key.hasPrefix("Reference/") }
        let found = Set(files.values.flatMap { Self.entryPoints(in: $0) })
        #expect(found == Set(Self.definitions.keys).union(Self.others))
    }

    @Test("Entry points are found in every type of a file")
    func parsing() {
        let text = """
            package enum A { package static func a() {} }
            extension B {
                struct View { func no() {} }
                package func b() {}
            }
            package final class C {
                package static func c() {}
            }
            """
        #expect(Self.entryPoints(in: text) == ["A.a", "B.b", "C.c"])
    }

    @Test("Every definition is there, belongs to a kernel, and is what a test holds that kernel against")
    func everyDefinitionIsUsed() throws {
        let definitions = try Self.files(in: Self.kernels.appendingPathComponent("Reference")).values.joined()
        let tests = try Self.files(in: Self.tests).values.joined()
        let names = Set(definitions.matches(of: /package static func (\w+)/).map { String($0.1) })
        #expect(names == Set(Self.definitions.values.joined()))
        let calls = Set(tests.matches(of: /\w+\.\w+(?=\()/).map { String($0.0) })
        let instances = ["KeyValueCache": "cache", "DecodeProgram": "program"]
        let expected = Self.definitions.keys.map { name in
            let parts = name.split(separator: ".").map(String.init)
            return "\(instances[parts[0]] ?? parts[0]).\(parts[1])"
        }
        #expect(Set(expected).subtracting(calls) == [])
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
