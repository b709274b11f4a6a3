import Foundation

/// The samples of a run: `samples.txt`, an entry for every validation, complete before the checkpoint of its step is written.
final class SamplesLog {
    private let file: LogFile

    /// Starts the file of a new run.
    ///
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)``, also when the file exists.
    init(creatingAt path: String) throws { file = try LogFile(creatingAt: path, beginning: "") }

    /// Continues the file of a resumed run: entries after the checkpoint's step, written between the checkpoint and the end of
    /// the run, are dropped. Where there is no file, one begins with the next entry.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - step: The step of the checkpoint.
    ///   - validation: The last validation up to that step, whose entry must be there; nil for none.
    ///   - sampleLength: The length of a sample in characters.
    /// - Throws: ``TinyGPTError/cannotRead(_:reason:)`` or ``TinyGPTError/cannotWrite(_:reason:)``, or
    ///   ``TinyGPTError/badFile(_:problem:)`` for what holds no samples or not all.
    init(resumingAt path: String, after step: Int, validatedAt validation: Int? = nil, sampleLength: Int) throws {
        guard FileStatus.type(at: path) != nil else {
            file = LogFile(beginningLaterAt: path, with: "")
            return
        }
        var scan = SampleScan(after: step, sampleLength: sampleLength)
        let last = try InputFile(path: path).forEachLine(limit: Self.lineLimit) { line, _ in scan.read(line) }
        let kept = scan.keptLength(last)
        if let validation, !scan.isComplete(through: validation) {
            throw LogFile.cutOff(path, after: scan.lastStep, before: validation)
        }
        if kept == 0 {
            // All entries are of steps that are made again.
            file = try LogFile(replacing: path, with: "")
            return
        }
        if let kept {
            try AtomicFile.write(to: path) { output in
                var left = kept
                try InputFile(path: path).forEachPiece { piece in
                    try piece.prefix(left).withUnsafeBytes { try output.append($0) }
                    left -= min(left, piece.count)
                }
            }
        }
        file = try LogFile(continuingAt: path)
    }

    /// Whether a file holds nothing but the sample of the initial state, complete or not, and zeros that a power failure has left.
    static func isOfInitialState(_ path: String) -> Bool {
        let (mark, first) = (SampleScan.mark.utf8, "\(SampleScan.mark)0,".utf8)
        return LogFile.isOfInitialState(path, lineLimit: lineLimit) { line, number in
            line.starts(with: first) || (number > 1 && !line.starts(with: mark))
        }
    }

    /// The longest line in bytes; a sample has 200 characters.
    private static let lineLimit = 1 << 16

    /// Appends an entry.
    ///
    /// - Throws: ``TinyGPTError/cannotWrite(_:reason:)``.
    func append(step: Int, loss: Double?, _ sample: String) throws {
        let measured = loss.map { "validation loss \($0)" } ?? "no validation"
        try file.append("\(SampleScan.mark)\(step), \(measured) ---\n\(sample)\n\n")
    }

    /// Waits until all entries are on the disk.
    ///
    /// - Throws: ``TinyGPTError/cannotWrite(_:reason:)``.
    func synchronize() throws { try file.synchronize() }

    /// Calls `body` with the step and the text of each complete sample.
    ///
    /// - Throws: ``TinyGPTError/missingFile(_:)``, ``TinyGPTError/cannotRead(_:reason:)`` or ``TinyGPTError/badFile(_:problem:)``.
    static func forEachSample(of path: String, length: Int, _ body: (_ step: Int, _ sample: String) -> Void) throws {
        var (step, sample): (Int?, [Unicode.Scalar]) = (nil, [])
        try InputFile(path: path).forEachLine(limit: lineLimit) { line, _ in
            guard let current = step else {
                step = SampleScan.number(of: line)
                return
            }
            sample += String(decoding: line, as: UTF8.self).unicodeScalars + ["\n"]
            // The line break after the last character of a sample is not its own.
            guard sample.count > length else { return }
            var text = String.UnicodeScalarView()
            text.append(contentsOf: sample.prefix(length))
            body(current, String(text))
            (step, sample) = (nil, [])
        }
    }
}

/// Finds where the entries of later steps begin, line by line.
///
/// A model may have learned to write the first line of an entry. So what looks like one within a sample of the usual length is
/// passed over, if the sample then ends where it should. What begins with a zero was lost in a power failure.
private struct SampleScan {
    static let mark = "--- step "

    private let step: Int
    private let sampleLength: Int
    /// The bytes that were read.
    private var offset = 0
    /// The largest step in what looks like the first line of an entry; nil where nothing does.
    private(set) var lastStep: Int?
    /// Where the first entry of a later step begins.
    private var end: Int?
    /// Where it would begin if what is read were no sample of the usual length.
    private var otherEnd: Int?
    private var place = Place.between

    private enum Place {
        case between, inSample(charactersLeft: Int), afterSample
    }

    init(after step: Int, sampleLength: Int) { (self.step, self.sampleLength) = (step, sampleLength) }

    mutating func read(_ line: ArraySlice<UInt8>) {
        defer { offset += line.count + 1 }
        if let number = Self.number(of: line) { lastStep = max(lastStep ?? 0, number) }
        guard end == nil else { return }
        switch place {
        case .inSample(let left):
            // A character begins at each byte that does not continue one; the line break counts too.
            let count = line.count { $0 & 0xC0 != 0x80 }
            if isLater(line), otherEnd == nil { otherEnd = offset }
            if count <= left {
                place = count == left ? .afterSample : .inSample(charactersLeft: left - count - 1)
                return
            }
            end = otherEnd
        case .afterSample where line.isEmpty: break
        case .afterSample:
            end = otherEnd ?? (isLater(line) ? offset : nil)
        case .between:
            if isLater(line) { end = offset }
        }
        let beginsEntry = if case .between = place { Self.number(of: line) != nil } else { false }
        (place, otherEnd) = (beginsEntry ? .inSample(charactersLeft: sampleLength) : .between, nil)
    }

    /// Whether the entry of a step is there, to its end.
    func isComplete(through step: Int) -> Bool {
        guard let lastStep, lastStep >= step else { return false }
        return if lastStep == step, case .inSample = place { false } else { true }
    }

    /// The end of what stays.
    ///
    /// - Parameter last: What follows the last line break.
    /// - Returns: How many bytes stay; nil for all.
    func keptLength(_ last: [UInt8]) -> Int? {
        let isCut =
            !last.isEmpty && (last.first == 0 || last.starts(with: Self.mark.utf8) || Self.mark.utf8.starts(with: last))
        if case .inSample = place { return end ?? otherEnd ?? (isCut ? offset : nil) }
        return end ?? (isCut ? offset : nil)
    }

    private func isLater(_ line: ArraySlice<UInt8>) -> Bool {
        line.first == 0 || Self.number(of: line).map { $0 > step } ?? false
    }

    /// The step of an entry's first line.
    static func number(of line: ArraySlice<UInt8>) -> Int? {
        guard line.starts(with: mark.utf8) else { return nil }
        let text = String(decoding: line, as: UTF8.self)
        return text.hasSuffix(" ---") ? Int(text.dropFirst(mark.count).prefix { $0 != "," }) : nil
    }
}
