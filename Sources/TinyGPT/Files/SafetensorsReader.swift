import Foundation

extension Safetensors {
    /// Reads a file of 32-bit floats, trusting nothing in it.
    ///
    /// The values go from the file straight to where they stay.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - isWanted: Whether to read the tensor of a name; the others are checked and skipped.
    /// - Returns: Metadata and tensors.
    /// - Throws: ``TinyGPTError/missingFile(_:)``, ``TinyGPTError/cannotRead(_:reason:)``,
    ///   ``TinyGPTError/notEnoughMemory(for:needed:available:)`` before the first value is read, or
    ///   ``TinyGPTError/badFile(_:problem:)`` when it is not a complete safetensors file of 32-bit floats.
    public static func read(
        from path: String, where isWanted: (_ name: String) -> Bool = { _ in true }
    ) throws -> Safetensors {
        let file = try InputFile(path: path)
        let size = file.size ?? 0
        let bytes = try headerBytes(of: file, size: size)
        let header = try SafetensorsHeader(parsing: bytes, name: path)
        var contents = Safetensors(metadata: header.metadata)
        let places = try header.layout(valueBytes: size - 8 - bytes.count, file: path)
        // A sparse file of any length takes no room on the disk, so its length bounds nothing.
        let wanted = places.reduce(0) { isWanted($1.name) ? $0 + $1.count * MemoryLayout<Float>.size : $0 }
        try SystemMemory.require(wanted, for: "reading \(path.quoted)")
        for place in places {
            guard isWanted(place.name) else {
                try file.skip(place.count * MemoryLayout<Float>.size)
                continue
            }
            let values: [Float] = try elements(place.count, of: file)
            contents.tensors[place.name] = StoredTensor(shape: place.shape, values: values)
        }
        return contents
    }

    private static func headerBytes(of file: borrowing InputFile, size: Int) throws -> [UInt8] {
        var length: UInt64 = 0
        let got = try withUnsafeMutableBytes(of: &length) { try file.fill($0) }
        if got < 8 {
            throw badFile(file.name, "expected at least the 8 bytes of the header length, got \(got)")
        }
        length = UInt64(littleEndian: length)
        if length > UInt64(headerLimit) {
            throw badFile(file.name, "expected a header of at most \(headerLimit) bytes, got a length of \(length)")
        }
        if length > UInt64(max(0, size - 8)) {
            throw badFile(file.name, "it is cut off: expected a header of \(length) bytes, got \(max(0, size - 8))")
        }
        return try elements(Int(length), of: file)
    }

    private static func elements<Element: BitwiseCopyable>(
        _ count: Int, of file: borrowing InputFile
    ) throws -> [Element] {
        guard let elements: [Element] = try file.elements(count) else {
            throw badFile(file.name, "it was truncated while it was read")
        }
        return elements
    }

    static func badFile(_ name: String, _ problem: String) -> TinyGPTError {
        .badFile(name, problem: "is not a usable safetensors file: \(problem)")
    }
}
