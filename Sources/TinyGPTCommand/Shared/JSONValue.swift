import Console
import Foundation
import TinyGPT

/// A value for `--json`: one object per line, keys in alphabetical order, numbers unrounded, NaN and infinity as null.
enum JSONValue: Encodable, ExpressibleByStringLiteral {
    case text(String)
    case boolean(Bool)
    case integer(Int)
    case number(Double)
    case array([JSONValue])
    case object([String: JSONValue])
    case null

    init(stringLiteral value: String) { self = .text(value) }

    /// A 32-bit number by its shortest decimal description, which is not that of the 64-bit number nearest to it.
    static func number(_ value: Float) -> JSONValue { .number(Double(value.description) ?? .nan) }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .boolean(let value): try container.encode(value)
        case .integer(let integer): try container.encode(integer)
        case .number(let number) where number.isFinite: try container.encode(number)
        case .array(let values): try container.encode(values)
        case .object(let values): try container.encode(values)
        case .number, .null: try container.encodeNil()
        }
    }

    /// The value as one line of text, line break included.
    func line() throws -> String { try JSONEncoder.text(of: self, .withoutEscapingSlashes) + "\n" }
}
