/// The header of a safetensors file as it stands there: parsed, but its claims about the values not yet believed.
struct SafetensorsHeader {
    /// The header's description of one tensor.
    struct Entry {
        var dtype = ""
        var shape: [Int] = []
        var offsets: [Int] = []
    }

    private(set) var metadata: [String: String] = [:]
    private(set) var entries: [String: Entry] = [:]

    /// The most axes of a tensor.
    private static let mostAxes = 16

    /// Parses the JSON text of a header.
    ///
    /// - Throws: ``TinyGPTError/badFile(_:problem:)`` when it is not the UTF-8 of a JSON object of the right form, or when a name occurs twice.
    init(parsing bytes: [UInt8], name: String) throws {
        let isText = !bytes.contains(0) && String(validating: bytes, as: UTF8.self) != nil
        guard isText, bytes.first == UInt8(ascii: "{") else {
            throw Safetensors.badFile(name, "expected a header of UTF-8 JSON that begins with '{'")
        }
        // The scanner knows names by their bytes, a dictionary by canonical equivalence.
        func equivalent(_ name: String) -> JSONScanner.Mistake { .duplicate(name.excerpt) }
        do {
            var scanner = try JSONScanner(bytes)
            try scanner.object { scanner, key in
                if key == Safetensors.metadataKey {
                    try scanner.object { scanner, key in
                        let value = try scanner.string()
                        guard metadata.updateValue(value, forKey: key) == nil else { throw equivalent(key) }
                    }
                } else {
                    let entry = try Entry(&scanner, mostAxes: Self.mostAxes)
                    guard entries.updateValue(entry, forKey: key) == nil else { throw equivalent(key) }
                }
            }
            try scanner.end()
        } catch JSONScanner.Mistake.duplicate(let twice) {
            throw Safetensors.badFile(name, "a name occurs twice in its header: '\(twice)'")
        } catch let mistake as JSONScanner.Mistake {
            throw Safetensors.badFile(name, "its header is malformed \(mistake)")
        }
    }
}

extension SafetensorsHeader.Entry {
    fileprivate init(_ scanner: inout JSONScanner, mostAxes: Int) throws {
        let start = scanner
        func integers(_ scanner: inout JSONScanner, _ limit: Int) throws -> [Int] {
            var values: [Int] = []
            let start = scanner
            try scanner.array {
                values.append(try $0.integer())
                guard values.count <= limit else { throw start.unexpected("at most \(limit) numbers") }
            }
            return values
        }
        var fields = 0
        try scanner.object { scanner, key in
            switch key {
            case "dtype": dtype = try scanner.string()
            case "shape": shape = try integers(&scanner, mostAxes)
            case "data_offsets": offsets = try integers(&scanner, 2)
            default: throw start.unexpected("dtype, shape and data_offsets and nothing else")
            }
            fields += 1
        }
        guard fields == 3, offsets.count == 2 else { throw start.unexpected("dtype, shape and two data_offsets") }
    }
}

/// The places of the tensors, once the header's claims about them have been checked.
extension SafetensorsHeader {
    /// One tensor's place among the values.
    struct Place {
        let name: String
        let shape: [Int]
        /// How many values there are.
        let count: Int
    }

    /// Checks the places in the header against the number of bytes that follow it.
    ///
    /// - Returns: The tensors in the order in which they are stored.
    /// - Throws: ``TinyGPTError/badFile(_:problem:)`` when the values are not 32-bit floats, one tensor after the other without a gap, from the end
    ///   of the header to the end of the file.
    func layout(valueBytes: Int, file: String) throws -> [Place] {
        var position = 0
        var places: [Place] = []
        for (name, entry) in entriesByOffset {
            let count = try checkedCount(of: entry, name: name, file: file)
            let (begin, end) = (entry.offsets[0], entry.offsets[1])
            if begin != position {
                let problem = begin < position ? "overlaps the tensor before it" : "leaves a gap before it"
                throw Safetensors.badFile(
                    file, "'\(name.excerpt)' \(problem): expected it at \(position), got \(begin)")
            }
            let size = count * MemoryLayout<Float>.size
            let (expectedEnd, overflows) = begin.addingReportingOverflow(size)
            if overflows || end != expectedEnd {
                throw Safetensors.badFile(
                    file,
                    "'\(name.excerpt)' of shape \(entry.shape): expected \(size) bytes, got offsets \(begin) to \(end)")
            }
            position = end
            places.append(Place(name: name, shape: entry.shape, count: count))
        }
        if position != valueBytes {
            let problem = position > valueBytes ? "it is cut off" : "data follows the last tensor"
            throw Safetensors.badFile(file, "\(problem): expected \(position) bytes of values, got \(valueBytes)")
        }
        return places
    }

    /// The entries as they are stored. Empty tensors begin where others do; for them the end and the name decide.
    private var entriesByOffset: [(key: String, value: Entry)] {
        entries.sorted { first, second in
            let (a, b) = (first.value.offsets, second.value.offsets)
            return (a[0], a[1], first.key) < (b[0], b[1], second.key)
        }
    }

    /// How many values a tensor has, none of which need be there.
    private func checkedCount(of entry: Entry, name: String, file: String) throws -> Int {
        if entry.dtype != "F32" {
            throw Safetensors.badFile(
                file, "expected '\(name.excerpt)' to be F32 (32-bit floats), got \(entry.dtype.excerpt)")
        }
        var count = 1
        for length in entry.shape {
            let (product, overflows) = count.multipliedReportingOverflow(by: length)
            if length < 0 || overflows || product > Int.max / MemoryLayout<Float>.size {
                throw Safetensors.badFile(file, "'\(name.excerpt)' has the impossible shape \(entry.shape)")
            }
            count = product
        }
        return count
    }
}
