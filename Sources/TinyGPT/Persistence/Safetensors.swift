/// A file of named arrays of 32-bit floats and of named strings, in the safetensors format.
///
/// The file is a header length (unsigned 64-bit, little-endian), that many bytes of JSON, and the values of all arrays one
/// after the other. The same contents always make the same bytes. See the format's description at
/// <https://github.com/huggingface/safetensors#format>.
public struct Safetensors: Equatable, Sendable {
    /// An array of floats, the last axis varying fastest.
    public struct StoredTensor: Equatable, Sendable {
        /// The length of each axis; none for a single number.
        public var shape: [Int]
        /// The values in row-major order.
        public var values: [Float]

        /// Creates an array.
        ///
        /// - Precondition: There are as many values as the shape holds.
        public init(shape: [Int], values: [Float]) {
            let expected = shape.reduce(1, *)
            precondition(values.count == expected, "shape \(shape) holds \(expected) values, got \(values.count)")
            self.shape = shape
            self.values = values
        }
    }

    /// The key in the header under which the format keeps the strings; no tensor can have this name.
    static let metadataKey = "__metadata__"
    /// The longest header that readers of the format accept, in bytes.
    static let headerLimit = 100_000_000

    /// Strings by name: configuration and the like.
    public var metadata: [String: String]
    /// Arrays by name.
    public var tensors: [String: StoredTensor]

    /// Creates the contents of a file.
    public init(metadata: [String: String] = [:], tensors: [String: StoredTensor] = [:]) {
        self.metadata = metadata
        self.tensors = tensors
    }
}
