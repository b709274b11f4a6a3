import Foundation

/// The values of a `config.json`, of which nothing is trusted, by their keys; those inside an object by `key.name`.
struct HuggingFaceConfiguration {
    private let path: String
    private var values: [String: JSONScanner.Scalar] = [:]

    /// The most bytes of the file; GPT-2's has 700.
    private static let sizeLimit = 1 << 20

    /// Reads the file.
    ///
    /// - Throws: ``TinyGPTError/badFile(_:problem:)`` if it is not a JSON object.
    init(path: String) throws {
        self.path = path
        do {
            var scanner = try JSONScanner(try InputFile(path: path).readToEnd(limit: Self.sizeLimit))
            try scanner.object { scanner, name in
                if scanner.isAtObject() {
                    values[name] = .object
                    try scanner.object { values["\(name).\($1)"] = try $0.scalar() }
                } else {
                    values[name] = try scanner.scalar()
                }
            }
            try scanner.end()
        } catch let mistake as JSONScanner.Mistake {
            throw TinyGPTError.badFile(
                path, problem: "is not a valid JSON object: \(mistake)")
        }
    }

    /// The error for the value of a key.
    func refuse(_ key: String, _ expected: String) -> TinyGPTError {
        let got =
            switch values[key] {
            // Quoted, so that "2" does not look like the number.
            case .text(let text)?: "\"\(text.excerpt)\""
            case let value: value?.description ?? "nothing"
            }
        return .badFile(path, problem: "cannot be imported: '\(key)' is \(got), expected \(expected)")
    }

    /// A value, nil where it is absent or null.
    subscript(key: String) -> JSONScanner.Scalar? { values[key] == .null ? nil : values[key] }

    /// A whole number, which must be there.
    func integer(_ key: String, in range: ClosedRange<Int>) throws -> Int {
        guard case .integer(let value)? = values[key], range.contains(value) else {
            let (first, last) = (range.lowerBound, range.upperBound)
            throw refuse(key, first == last ? "\(first)" : "a whole number from \(first) to \(last)")
        }
        return value
    }

    /// A number, nil where it is absent or null.
    func number(_ key: String) throws -> Double? {
        switch self[key] {
        case nil: return nil
        case .integer(let value): return Double(value)
        case .number(let value): return value
        default: throw refuse(key, "a number")
        }
    }

    /// True or false, nil where it is absent or null.
    func boolean(_ key: String) throws -> Bool? {
        switch self[key] {
        case nil: return nil
        case .boolean(let value): return value
        default: throw refuse(key, "true or false")
        }
    }

    /// Checks that a value is one of two texts.
    func require(_ key: String, _ text: String, or other: String? = nil, isOptional: Bool = false) throws {
        let value = self[key]
        if value == nil, isOptional { return }
        guard value == .text(text) || other.map({ value == .text($0) }) == true else {
            throw refuse(key, "\"\(text)\"")
        }
    }
}
