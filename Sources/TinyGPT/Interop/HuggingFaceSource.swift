import Autograd
import Foundation

/// A `config.json`, of which nothing is trusted.
struct HuggingFaceConfiguration {
    private let path: String
    private let values: [String: Any]

    /// Reads the file.
    init(path: String) throws {
        let bytes = try InputFile(path: path).readToEnd()
        guard let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else {
            throw TinyGPTError.badFile(path, problem: "is not a JSON object; the folder is damaged or something else")
        }
        (self.path, values) = (path, object)
    }

    /// The error for the value of a key.
    func refuse(_ key: String, _ expected: String) -> TinyGPTError {
        let got = values[key].map { "\($0)" } ?? "nothing"
        return .badFile(path, problem: "cannot be imported: '\(key)' is \(got), expected \(expected)")
    }

    /// A positive whole number, which must be there.
    func integer(_ key: String) throws -> Int {
        guard let value = values[key] as? Int, value > 0 else { throw refuse(key, "a positive whole number") }
        return value
    }

    /// The value of a key that may be absent or null, but not of another type.
    func optional<Value>(_ key: String, _ expected: String, as type: Value.Type = Value.self) throws -> Value? {
        guard let value = values[key], !(value is NSNull) else { return nil }
        guard let typed = value as? Value else { throw refuse(key, expected) }
        return typed
    }
}

/// The tensors of a folder by their names there.
final class HuggingFaceTensors {
    let path: String
    private let tensors: [String: Safetensors.StoredTensor]
    private var used: Set<String> = []

    /// Reads the file.
    init(path: String) throws { (self.path, tensors) = (path, try Safetensors.read(from: path).tensors) }

    /// The values of a tensor, which must have this shape and be finite.
    func values(_ name: String, _ shape: Shape) throws -> [Float] {
        used.insert(name)
        guard let tensor = tensors[name] else {
            throw TinyGPTError.badFile(path, problem: "lacks the tensor '\(name)' of shape \(shape)")
        }
        guard tensor.shape == shape.array else {
            throw TinyGPTError.badFile(path, problem: "has '\(name)' of shape \(tensor.shape), expected \(shape)")
        }
        guard tensor.values.allSatisfy(\.isFinite) else {
            throw TinyGPTError.badFile(path, problem: "has values in '\(name)' that are not finite numbers")
        }
        return tensor.values
    }

    /// Whether any bias is anything but zero.
    var hasBiases: Bool {
        tensors.contains { $0.key.hasSuffix(".bias") && $0.value.values.contains { $0 != 0 } }
    }

    /// Checks that the configuration accounts for every tensor: a layer or an output head that it leaves out would be lost.
    func checkForUnused(except isNoParameter: (String) -> Bool) throws {
        let unused = tensors.keys.filter { !used.contains($0) && !isNoParameter($0) }.sorted()
        guard let first = unused.first else { return }
        let others = unused.count > 1 ? " and \(unused.count - 1) more" : ""
        throw TinyGPTError.badFile(
            path,
            problem: "has the tensor '\(first.prefix(80))'\(others), which config.json does not account for: "
                + "it describes another model")
    }
}
