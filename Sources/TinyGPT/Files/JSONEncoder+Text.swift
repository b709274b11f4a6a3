import Foundation

extension JSONEncoder {
    /// A value as JSON text, with the keys of objects sorted: the same value always makes the same bytes.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - formatting: How to write it, besides sorted keys.
    /// - Returns: The text, without a line break at the end.
    /// - Throws: `EncodingError` for a value that JSON does not have, such as a NaN.
    package static func text(of value: some Encodable, _ formatting: OutputFormatting = []) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting.union(.sortedKeys)
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}

extension JSONEncoder.OutputFormatting {
    /// A file for people: indented, slashes as they are.
    package static var readable: Self { [.prettyPrinted, .withoutEscapingSlashes] }
}
