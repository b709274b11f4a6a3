import Autograd

extension GPT.Configuration {
    /// Checks the sizes that the file of another program at `path` describes.
    ///
    /// - Throws: ``TinyGPTError/badFile(_:problem:)``.
    func validate(importedFrom path: String) throws {
        do { try validate() } catch let error as TinyGPTError {
            throw TinyGPTError.badFile(path, problem: "cannot be imported: \(error.description)")
        }
    }
}

/// The tensors of another program's file by their names there.
final class ImportedTensors {
    /// The file.
    let path: String
    private let tensors: [String: Safetensors.StoredTensor]
    private var used: Set<String> = []

    /// Tensors that were read from the file at `path`.
    init(_ tensors: [String: Safetensors.StoredTensor], path: String) { (self.tensors, self.path) = (tensors, path) }

    /// Reads a safetensors file.
    convenience init(path: String) throws { self.init(try Safetensors.read(from: path).tensors, path: path) }

    /// The values of a tensor, which must have this shape and be finite.
    func values(_ name: String, _ shape: Shape) throws -> [Float] {
        used.insert(name)
        return try tensors.values(name, shape, in: path)
    }

    /// Whether any bias is anything but zero; no bias is what ends like one of `ignored`.
    func hasBiases(ignoring ignored: [String]) -> Bool {
        tensors.contains { name, tensor in
            name.hasSuffix(".bias") && !ignored.contains(where: name.hasSuffix) && tensor.values.contains { $0 != 0 }
        }
    }

    /// Checks that the configuration accounts for every tensor whose name does not end like one of `ignored`: a layer or an
    /// output head that it leaves out would be lost.
    func checkForUnused(ignoring ignored: [String]) throws {
        let unused = tensors.keys.filter { !used.contains($0) && !ignored.contains(where: $0.hasSuffix) }.sorted()
        guard let first = unused.first else { return }
        let others = unused.count > 1 ? " and \(unused.count - 1) more" : ""
        throw TinyGPTError.badFile(
            path,
            problem: "has the tensor '\(first.excerpt)'\(others), which its configuration does not account for; "
                + "it describes another model")
    }
}
