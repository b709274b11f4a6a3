/// A file of llama.cpp, GGUF version 3: metadata, and tensors by name.
///
/// `"GGUF"`, the version, the number of tensors and of keys; the keys with their values; for each tensor name, sizes with the
/// innermost first, type and place; the values, each tensor at a multiple of 32 bytes. Described at
/// <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>.
struct GGUFFile {
    static let magic: [UInt8] = Array("GGUF".utf8)
    static let version: UInt32 = 3
    static let alignment = 32

    var values: [String: GGUFValue] = [:]
    var tensors: [String: Safetensors.StoredTensor] = [:]

    /// The value of a key as it can stand in a message.
    func found(_ key: String) -> String { values[key]?.description ?? "nothing" }

    static func padding(after count: Int) -> Int { (alignment - count % alignment) % alignment }

    /// A tensor to write.
    struct DeferredTensor {
        let name: String
        let type: GGUFTensorType
        let tensor: Safetensors.DeferredTensor
    }

    /// Writes the file, whole or not at all; what was at the path is replaced.
    ///
    /// - Parameters:
    ///   - values: Keys and their values in the order in which they are stored.
    ///   - tensors: Tensors in that order; the values of one are in memory at a time.
    ///   - path: The file.
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)`` or ``TinyGPTError/cannotWrite(_:reason:)``.
    static func write(_ values: [(key: String, value: GGUFValue)], _ tensors: [DeferredTensor], to path: String) throws
    {
        var header = GGUFBytes()
        for byte in magic { header.append(byte) }
        header.append(version)
        header.append(Int64(tensors.count))
        header.append(Int64(values.count))
        for (key, value) in values {
            header.append(key)
            header.append(value)
        }
        var offset = 0
        for tensor in tensors {
            let shape = tensor.tensor.shape
            precondition(tensor.name.utf8.count < 64, "the name '\(tensor.name)' has more than 63 bytes")
            precondition(tensor.type.fits(rowOf: shape.last!), "'\(tensor.name)' of shape \(shape) as \(tensor.type)")
            header.append(tensor.name)
            header.append(UInt32(shape.count))
            for size in shape.reversed() { header.append(Int64(size)) }
            header.append(tensor.type.rawValue)
            header.append(UInt64(offset))
            offset += tensor.type.bytes(of: shape.reduce(1, *))
            offset += padding(after: offset)
        }
        header.pad()
        try AtomicFile.write(to: path) { file in
            try header.bytes.withUnsafeBytes { try file.append($0) }
            for tensor in tensors {
                var bytes = tensor.type.encode(tensor.tensor.values())
                precondition(bytes.count == tensor.type.bytes(of: tensor.tensor.shape.reduce(1, *)), "'\(tensor.name)'")
                bytes += [UInt8](repeating: 0, count: padding(after: bytes.count))
                try bytes.withUnsafeBytes { try file.append($0) }
            }
        }
    }
}
