import Foundation

/// Arrays as NumPy's own files (`.npy`, version 1.0): what `numpy.save` would write, to the byte.
/// See <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>.
public enum NumPyFile {
    /// Writes an array of 32-bit floats, whole or not at all.
    ///
    /// - Parameters:
    ///   - tensor: The array.
    ///   - path: The file.
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)`` or ``TinyGPTError/cannotWrite(_:reason:)``.
    public static func write(_ tensor: Safetensors.StoredTensor, to path: String) throws {
        let header = header(tensor.shape)
        try AtomicFile.write(to: path) { file in
            try header.withUnsafeBytes { try file.append($0) }
            try tensor.values.map(\.bitPattern.littleEndian).withUnsafeBytes { try file.append($0) }
        }
    }

    /// The magic, the version, the length of the description, and the description, filled up to 128 bytes as `numpy` does.
    static func header(_ shape: [Int]) -> [UInt8] {
        let sizes = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
        let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(sizes)), }"
        let length = (10 + text.utf8.count + 1 + 63) / 64 * 64
        let size = max(128, length) - 10
        let description = text.padding(toLength: size - 1, withPad: " ", startingAt: 0) + "\n"
        return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(size & 0xFF), UInt8(size >> 8)] + Array(description.utf8)
    }
}
