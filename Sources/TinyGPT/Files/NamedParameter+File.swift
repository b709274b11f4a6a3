import Autograd
import Layers

extension [NamedParameter] {
    /// Writes the values of all parameters to a safetensors file, whole or not at all; what was at the path is replaced.
    ///
    ///     let parameters = [NamedParameter("weight", weight), NamedParameter("bias", bias)]
    ///     try parameters.write(to: "layer.safetensors")
    ///     try parameters.read(from: "layer.safetensors")
    ///
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)`` or ``TinyGPTError/cannotWrite(_:reason:)``.
    /// - Precondition: Each name is there once, and none is `__metadata__`.
    public func write(to path: String) throws {
        let tensors = map { parameter in
            let shape = parameter.tensor.shape.array
            return (parameter.name, Safetensors.DeferredTensor(shape: shape) { parameter.tensor.values })
        }
        try Safetensors.write(tensors, metadata: [:], to: path)
    }

    /// Overwrites the values of all parameters with those of a file that ``write(to:)`` has written; if it throws, they are as
    /// they were.
    ///
    /// - Throws: ``TinyGPTError/missingFile(_:)``, ``TinyGPTError/cannotRead(_:reason:)``, or ``TinyGPTError/badFile(_:problem:)``
    ///   if a parameter is missing, not finite or of another shape, or if the file holds others too.
    public func read(from path: String) throws {
        let stored = try Safetensors.read(from: path).tensors
        let values = try map { try stored.values($0.name, $0.tensor.shape, in: path) }
        if let other = Set(stored.keys).subtracting(map(\.name)).min() {
            throw TinyGPTError.badFile(
                path, problem: "has the parameter '\(other.excerpt)', which is not among those to be read")
        }
        for (parameter, values) in zip(self, values) { parameter.tensor.buffer.replace(with: values) }
    }
}

extension [String: Safetensors.StoredTensor] {
    /// The values of a tensor, which must have this shape and be finite.
    ///
    /// - Throws: ``TinyGPTError/badFile(_:problem:)`` about the file at `path`.
    func values(_ name: String, _ shape: Shape, in path: String) throws -> [Float] {
        guard let tensor = self[name] else {
            throw TinyGPTError.badFile(path, problem: "lacks the tensor '\(name)' of shape \(shape)")
        }
        guard tensor.shape == shape.array else {
            throw TinyGPTError.badFile(path, problem: "has '\(name)' of shape \(tensor.shape), expected \(shape)")
        }
        guard tensor.values.allSatisfy(\.isFinite) else {
            throw TinyGPTError.badFile(path, problem: "has values in '\(name)' that are not finite")
        }
        return tensor.values
    }
}
