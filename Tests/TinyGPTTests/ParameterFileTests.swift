import Testing

@testable import TinyGPT

@Suite("Files of parameters")
struct ParameterFileTests {
    private func layer(_ weight: [Float], _ bias: [Float]) -> [NamedParameter] {
        [
            NamedParameter("weight", .parameter(weight, shape: [2, 2])),
            NamedParameter("bias", .parameter(bias, shape: [2])),
        ]
    }

    @Test("Parameters that were written are read back")
    func roundTrip() throws {
        let folder = try TemporaryFolder()
        let (from, to) = (layer([1, 2, 3, -0.5], [5, 6]), layer([0, 0, 0, 0], [0, 0]))
        try from.write(to: folder["layer.safetensors"])
        try to.read(from: folder["layer.safetensors"])
        #expect(to.map(\.tensor.values) == from.map(\.tensor.values))
        #expect(to.map(\.tensor.isTracked) == [true, true])
    }

    @Test("A file of other parameters is refused, and the values stay as they were")
    func mismatches() throws {
        let folder = try TemporaryFolder()
        let path = folder["layer.safetensors"]
        let (weight, bias) = (Tensor.parameter([1, 2, 3, 4], shape: [2, 2]), Tensor.parameter([1, 2], shape: [2]))
        let nan = Tensor([.nan, 1], shape: [2])
        let files: [([NamedParameter], String)] = [
            ([NamedParameter("weight", weight)], "lacks the tensor 'bias' of shape (2)"),
            (
                [NamedParameter("weight", weight), NamedParameter("bias", weight)],
                "has 'bias' of shape [2, 2], expected (2)"
            ),
            (
                [NamedParameter("weight", weight), NamedParameter("bias", nan)],
                "has values in 'bias' that are not finite"
            ),
            (
                [NamedParameter("weight", weight), NamedParameter("bias", bias), NamedParameter("gain", bias)],
                "has the parameter 'gain', which is not among those to be read"
            ),
        ]
        for (parameters, problem) in files {
            try parameters.write(to: path)
            let reader = layer([7, 7, 7, 7], [7, 7])
            #expect(userError { try reader.read(from: path) } == .badFile(path, problem: problem))
            #expect(reader.map(\.tensor.values) == [[7, 7, 7, 7], [7, 7]])
        }
        let missing = folder["missing.safetensors"]
        #expect(userError { try [NamedParameter("bias", bias)].read(from: missing) } == .missingFile(missing))
    }
}
