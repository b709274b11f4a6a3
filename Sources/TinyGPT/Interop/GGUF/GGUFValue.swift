/// A value of the metadata of a GGUF file.
enum GGUFValue: Equatable {
    case unsigned(UInt32), float(Float), boolean(Bool), string(String), strings([String]), integers([Int32]), floats(
        [Float])
    /// One of another type, which an export does not have; read and left out.
    case other

    /// The numbers that stand for types there.
    enum Kind {
        static let (signed, unsigned, float, boolean, string, array): (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32) =
            (5, 4, 6, 7, 8, 9)
        /// The bytes of the other types: 8, 16 and 64 bits.
        static let sizeOfOthers: [UInt32: Int] = [0: 1, 1: 1, 2: 2, 3: 2, signed: 4, 10: 8, 11: 8, 12: 8]
    }
}

extension GGUFValue: CustomStringConvertible {
    /// The value as it can stand in a message about a file.
    var description: String {
        switch self {
        case .unsigned(let number): "\(number)"
        case .float(let number): "\(number)"
        case .boolean(let value): "\(value)"
        case .string(let text): "'\(text.excerpt)'"
        case .strings, .integers, .floats: "an array"
        case .other: "a value of another type"
        }
    }
}

/// What a GGUF file begins with, as bytes; little endian throughout.
struct GGUFBytes {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// The length in bytes, then the text.
    mutating func append(_ text: String) {
        append(UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    /// The type of a value, then the value.
    mutating func append(_ value: GGUFValue) {
        func array(_ kind: UInt32, _ count: Int) {
            append(GGUFValue.Kind.array)
            append(kind)
            append(UInt64(count))
        }
        switch value {
        case .unsigned(let number):
            append(GGUFValue.Kind.unsigned)
            append(number)
        case .float(let number):
            append(GGUFValue.Kind.float)
            append(number.bitPattern)
        case .boolean(let value):
            append(GGUFValue.Kind.boolean)
            append(value ? 1 as UInt8 : 0)
        case .string(let text):
            append(GGUFValue.Kind.string)
            append(text)
        case .strings(let texts):
            array(GGUFValue.Kind.string, texts.count)
            for text in texts { append(text) }
        case .integers(let numbers):
            array(GGUFValue.Kind.signed, numbers.count)
            for number in numbers { append(number) }
        case .floats(let numbers):
            array(GGUFValue.Kind.float, numbers.count)
            for number in numbers { append(number.bitPattern) }
        case .other: preconditionFailure("a value that was left out")
        }
    }

    /// Zeros up to the next multiple of the alignment.
    mutating func pad() { bytes += [UInt8](repeating: 0, count: GGUFFile.padding(after: bytes.count)) }
}
