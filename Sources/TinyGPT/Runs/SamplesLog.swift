import Foundation

/// The samples of a run: `samples.txt`, an entry for every validation, complete before the checkpoint of its step is written.
final class SamplesLog {
    private let file: OutputFile

    /// Starts the file of a new run.
    ///
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)``, also when the file exists.
    init(creatingAt path: String) throws {
        file = try OutputFile(path: path, flags: O_CREAT | O_EXCL | O_APPEND)
    }

    /// Continues the file of a resumed run, or starts one where there is none: entries after the checkpoint's step, written
    /// between the checkpoint and the end of the run, are dropped.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - step: The step of the checkpoint.
    ///   - sampleLength: The length of a sample in characters.
    /// - Throws: ``TinyGPTError/cannotRead(_:reason:)`` or ``TinyGPTError/cannotWrite(_:reason:)``.
    init(resumingAt path: String, after step: Int, sampleLength: Int) throws {
        if FileStatus.type(at: path) != nil {
            let bytes = try InputFile(path: path).readToEnd()
            let kept = Self.entries(of: bytes[...], upTo: step, sampleLength: sampleLength)
            if kept.count != bytes.count {
                try AtomicFile.write(to: path) { file in try kept.withUnsafeBytes { try file.append($0) } }
            }
        }
        file = try OutputFile(path: path, flags: O_CREAT | O_APPEND)
        AtomicFile.synchronizeFolder(FileStatus.parentFolder(of: path))
    }

    /// Appends an entry.
    ///
    /// - Throws: ``TinyGPTError/cannotWrite(_:reason:)``.
    func append(step: Int, loss: Double, _ sample: String) throws {
        try file.append("\(Self.mark)\(step), validation loss \(loss) ---\n\(sample)\n\n")
    }

    /// Waits until all entries are on the disk.
    ///
    /// - Throws: ``TinyGPTError/cannotWrite(_:reason:)``.
    func synchronize() throws { try file.synchronize() }

    private static let mark = "--- step "
    private static let lineBreak = UInt8(ascii: "\n")

    /// The bytes before the first entry of a later step, whole or damaged.
    ///
    /// A model may have learned to write the first line of an entry, so a sample of the usual length is passed over unread.
    /// What begins with a zero was lost in a power failure.
    static func entries(of bytes: ArraySlice<UInt8>, upTo step: Int, sampleLength: Int) -> ArraySlice<UInt8> {
        var rest = bytes
        while !rest.isEmpty {
            let line = rest.prefix { $0 != lineBreak }
            let isWhole = line.endIndex < rest.endIndex
            let isMark = line.starts(with: mark.utf8) || (!isWhole && !line.isEmpty && mark.utf8.starts(with: line))
            if line.first == 0 || (isMark && !isWhole) { break }
            rest = rest[min(line.endIndex + 1, rest.endIndex)...]
            guard isMark, let number = stepNumber(line) else { continue }
            if number > step {
                rest = bytes[line.startIndex...]
                break
            }
            rest = passing(sampleLength, in: rest) ?? rest
        }
        return bytes[..<rest.startIndex]
    }

    /// What follows a sample and an empty line; nil if a sample of this length does not end there.
    private static func passing(_ sampleLength: Int, in bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        var (count, end) = (0, bytes.startIndex)
        // A character begins at each byte that does not continue one.
        while end < bytes.endIndex {
            if bytes[end] & 0xC0 != 0x80 {
                if count == sampleLength { break }
                count += 1
            }
            end += 1
        }
        let ending = bytes[end...].prefix(2)
        return ending == [lineBreak, lineBreak] ? bytes[(end + 2)...] : nil
    }

    /// The step of an entry's first line.
    private static func stepNumber(_ line: ArraySlice<UInt8>) -> Int? {
        let text = String(decoding: line, as: UTF8.self)
        return text.hasSuffix(" ---") ? Int(text.dropFirst(mark.count).prefix { $0 != "," }) : nil
    }
}
