/// Reads a GGUF file, trusting nothing in it.
struct GGUFReader: ~Copyable {
    private let file: InputFile
    /// Bytes of the file that are not read yet.
    private var left: Int
    private var position = 0
    /// The bytes of all arrays so far.
    private var arrayBytes = 0

    /// More than any export has.
    private enum Limits {
        static let keys = 1 << 10
        static let tensors = 1 << 12
        static let axes = 1...2
        static let textBytes = 1 << 16
        static let elementBytes = 1 << 6
        static let strings = GPT.Configuration.Limits.vocabulary.upperBound + 256
    }

    /// - Throws: ``TinyGPTError/missingFile(_:)``, ``TinyGPTError/cannotRead(_:reason:)``,
    ///   ``TinyGPTError/notEnoughMemory(for:needed:available:)`` before values are read, or ``TinyGPTError/badFile(_:problem:)``
    ///   when it is not a complete GGUF file of the types that an export has.
    static func read(_ path: String) throws -> GGUFFile {
        var reader = try GGUFReader(path: path)
        return try reader.contents()
    }

    private init(path: String) throws {
        file = try InputFile(path: path)
        left = file.size ?? 0
    }

    private func refuse(_ problem: String) -> TinyGPTError {
        .badFile(file.name, problem: "is not a usable GGUF file: \(problem)")
    }

    private mutating func contents() throws -> GGUFFile {
        guard left >= 24, try bytes(4) == GGUFFile.magic else { throw refuse("it does not begin with 'GGUF'") }
        let version = try number(UInt32.self)
        guard version == GGUFFile.version else { throw refuse("expected version 3, got \(version)") }
        let tensors = try count(of: "tensors", atMost: Limits.tensors)
        let keys = try count(of: "keys", atMost: Limits.keys)
        var contents = GGUFFile()
        for _ in 0..<keys {
            let key = try text()
            guard contents.values.updateValue(try value(of: key), forKey: key) == nil else {
                throw refuse("the key '\(key.excerpt)' occurs twice")
            }
        }
        let alignment = contents.values["general.alignment"] ?? .unsigned(32)
        guard alignment == .unsigned(32) else { throw refuse("expected an alignment of 32, got \(alignment)") }
        let places = try (0..<tensors).map { _ in try place() }
        _ = try bytes(GGUFFile.padding(after: position))
        try check(places)
        for place in places {
            let values: [Float] =
                place.type == .f32 ? try elements(place.count) : place.type.decode(try bytes(place.bytes))
            _ = try bytes(GGUFFile.padding(after: place.bytes))
            let tensor = Safetensors.StoredTensor(shape: place.shape, values: values)
            guard contents.tensors.updateValue(tensor, forKey: place.name) == nil else {
                throw refuse("the tensor '\(place.name.excerpt)' occurs twice")
            }
        }
        return contents
    }
}

/// Tensors.
extension GGUFReader {
    private struct Place {
        let name: String
        let shape: [Int]
        let type: GGUFTensorType
        let offset: UInt64
        let count: Int
        var bytes: Int { type.bytes(of: count) }
    }

    private mutating func place() throws -> Place {
        let (name, axes) = (try text(), Int(try number(UInt32.self)))
        guard Limits.axes.contains(axes) else { throw refuse("'\(name.excerpt)' has \(axes) axes, expected 1 or 2") }
        let sizes = try (0..<axes).map { _ in try number(UInt64.self) }
        let (code, offset) = (try number(UInt32.self), try number(UInt64.self))
        guard let type = GGUFTensorType(rawValue: code) else {
            throw refuse("'\(name.excerpt)' is of type \(code), expected F32, F16, BF16 or Q8_0")
        }
        // Every value takes at least a byte of the file.
        var count = 1
        for size in sizes {
            guard size > 0, size <= UInt64(left) else { throw refuse("'\(name.excerpt)' has an axis of \(size)") }
            let (product, overflows) = count.multipliedReportingOverflow(by: Int(size))
            guard !overflows, product <= left else { throw refuse("'\(name.excerpt)' is larger than the file") }
            count = product
        }
        guard type.fits(rowOf: Int(sizes[0])) else {
            throw refuse("'\(name.excerpt)' has rows of \(sizes[0]), expected a multiple of 32")
        }
        return Place(name: name, shape: sizes.reversed().map { Int($0) }, type: type, offset: offset, count: count)
    }

    /// Checks that the tensors follow each other to the end of the file, and that there is memory for their values and the bytes
    /// of the one that is decoded.
    private func check(_ places: [Place]) throws {
        var (offset, memory, encoded) = (0, arrayBytes, 0)
        for place in places {
            guard place.offset == UInt64(offset) else {
                throw refuse("'\(place.name.excerpt)' should begin at \(offset), got \(place.offset)")
            }
            // None has more values than the file has bytes, and there are few.
            offset += place.bytes + GGUFFile.padding(after: place.bytes)
            memory = memory.addedOrMax(place.count.multipliedOrMax(by: MemoryLayout<Float>.size))
            if place.type != .f32 { encoded = max(encoded, place.bytes) }
            guard offset <= left else { break }
        }
        guard offset == left else {
            let problem = offset > left ? "it is cut off" : "data follows the last tensor"
            throw refuse("\(problem): expected \(offset) bytes of values, got \(left)")
        }
        try SystemMemory.require(memory.addedOrMax(encoded), for: "reading \(file.name.quoted)")
    }
}

/// Keys and what everything is made of.
extension GGUFReader {
    private mutating func value(of key: String) throws -> GGUFValue {
        typealias Kind = GGUFValue.Kind
        let kind = try number(UInt32.self)
        switch kind {
        case Kind.unsigned: return .unsigned(try number())
        case Kind.float: return .float(Float(bitPattern: try number()))
        case Kind.boolean: return .boolean(try number(UInt8.self) != 0)
        case Kind.string: return .string(try text())
        case Kind.array: return try array(of: key)
        default:
            guard let size = Kind.sizeOfOthers[kind] else {
                throw refuse("'\(key.excerpt)' is of unknown type \(kind)")
            }
            _ = try bytes(size)
            return .other
        }
    }

    private mutating func array(of key: String) throws -> GGUFValue {
        typealias Kind = GGUFValue.Kind
        let kind = try number(UInt32.self)
        let count = try count(
            of: "elements of '\(key.excerpt)'", atMost: kind == Kind.string ? Limits.strings : left / 4)
        arrayBytes = arrayBytes.addedOrMax(count.multipliedOrMax(by: 16))
        try SystemMemory.require(arrayBytes, for: "reading \(file.name.quoted)")
        switch kind {
        case Kind.string: return .strings(try (0..<count).map { _ in try text(limit: Limits.elementBytes) })
        case Kind.signed: return .integers(try elements(count))
        case Kind.float: return .floats(try elements(count))
        default: throw refuse("'\(key.excerpt)' is an array of type \(kind), which an export does not have")
        }
    }

    private mutating func count(of what: String, atMost limit: Int) throws -> Int {
        let count = try number(UInt64.self)
        guard count <= UInt64(limit) else { throw refuse("it claims \(count) \(what), expected at most \(limit)") }
        return Int(count)
    }

    private mutating func text(limit: Int = Limits.textBytes) throws -> String {
        let length = try count(of: "bytes of a text", atMost: limit)
        guard let text = String(validating: try bytes(length), as: UTF8.self) else {
            throw refuse("a text is not UTF-8")
        }
        return text
    }

    private mutating func number<Number: FixedWidthInteger>(_ type: Number.Type = Number.self) throws -> Number {
        let bytes = try bytes(MemoryLayout<Number>.size)
        return bytes.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(as: Number.self)) }
    }

    private mutating func bytes(_ count: Int) throws -> [UInt8] { try elements(count) }

    /// The next elements of an array, whose bytes the file must have; little endian, as in memory.
    private mutating func elements<Element: BitwiseCopyable>(_ count: Int) throws -> [Element] {
        let size = count * MemoryLayout<Element>.size
        guard size <= left else { throw refuse("it is cut off: expected \(size) more bytes, got \(left)") }
        (left, position) = (left - size, position + size)
        guard let elements: [Element] = try file.elements(count) else {
            throw refuse("it was truncated while it was read")
        }
        return elements
    }
}
