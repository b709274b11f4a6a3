import Foundation

/// The folder of one run and the layout of its files; it can be copied to another machine and used there.
public struct RunFolder: Equatable, Sendable {
    /// The default folder of all runs.
    public static let defaultBase = "runs"

    /// The folder, as given or found.
    public let path: String

    /// The folder's own name, which finds it again when it is among the other runs.
    public var name: String { FileStatus.name(of: FileStatus.absolute(path)) }

    /// Every setting of the run.
    public var configurationPath: String { file("config.json") }
    /// The losses, one row at a time.
    public var metricsPath: String { file("metrics.csv") }
    /// The state after the last step saved, from which training continues.
    public var lastCheckpointPath: String { file("checkpoint-last.safetensors") }
    /// The state with the lowest validation loss.
    public var bestCheckpointPath: String { file("checkpoint-best.safetensors") }
    /// The attention on a probe text at every validation, if the run has one.
    public var probePath: String { file("probe.jsonl") }
    /// The folder of the model's weights at every validation, if the run keeps them; ``WeightSnapshots``.
    public var snapshotsPath: String { file("snapshots") }
    /// A sample from every validation.
    public var samplesPath: String { file("samples.txt") }
    /// The page to look at in a browser; of no use to the training.
    public var pagePath: String { file("index.html") }

    /// The run in a folder. Nothing is looked at: the folder need not exist, nor hold a run.
    ///
    /// - Parameter path: The folder; ``find(_:in:includesUnsaved:)`` finds one by its name.
    public init(path: String) {
        self.path = path
    }

    /// When a checkpoint was last saved; `nil` when there is none.
    public var checkpointDate: Date? {
        [lastCheckpointPath, bestCheckpointPath].compactMap { checkpoint in
            let attributes = try? FileManager.default.attributesOfItem(atPath: FileStatus.absolute(checkpoint))
            return attributes?[.modificationDate] as? Date
        }.max()
    }

    /// Whether ``configurationPath`` exists.
    public var hasConfiguration: Bool { FileStatus.type(at: configurationPath) != nil }

    /// Whether ``lastCheckpointPath`` exists.
    public var hasLastCheckpoint: Bool { FileStatus.type(at: lastCheckpointPath) != nil }

    /// Whether ``bestCheckpointPath`` exists.
    public var hasBestCheckpoint: Bool { FileStatus.type(at: bestCheckpointPath) != nil }

    /// Whether ``probePath`` exists.
    public var hasProbe: Bool { FileStatus.type(at: probePath) != nil }

    /// Whether ``snapshotsPath`` exists.
    public var hasSnapshots: Bool { FileStatus.type(at: snapshotsPath) != nil }

    /// The event files for TensorBoard, one of each process that wrote any, the oldest first.
    public var eventPaths: [String] {
        guard case .success(let names) = FileStatus.contents(of: path) else { return [] }
        return names.filter(EventLog.isEventFile).sorted().map(file)
    }

    private func file(_ name: String) -> String {
        FileStatus.path(of: name, in: path)
    }
}

extension RunFolder {
    /// Creates the folder of a new run, and missing ones above it. An existing folder will do if it is empty, or if the run in
    /// it ended before its first checkpoint.
    ///
    /// - Throws: ``TinyGPTError/runExists(_:)`` for a folder that is not empty, which is never overwritten, or
    ///   ``TinyGPTError/cannotCreate(_:reason:)``.
    public static func create(at path: String) throws -> RunFolder {
        if try !makeFolder(path) {
            guard try RunFolder(path: path).canBegin() else { throw TinyGPTError.runExists(path) }
        }
        if access(path, W_OK) != 0 {
            throw TinyGPTError.cannotCreate(path, reason: FileStatus.reason(errno))
        }
        return RunFolder(path: path)
    }

    /// Creates the folder of a new run under a name of its own, `<YYYYMMDD-HHMMSS>-<name of the text>`, followed by -2, -3 and
    /// so on when it is taken.
    ///
    /// - Parameters:
    ///   - text: The path or name of the text.
    ///   - base: The folder of all runs.
    ///   - date: The start of the run.
    ///   - timeZone: The time zone of the name.
    /// - Returns: The new, empty run.
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)``.
    public static func create(
        forText text: String, in base: String = defaultBase, at date: Date = Date(), timeZone: TimeZone = .current
    ) throws -> RunFolder {
        let name = "\(timestamp(date, timeZone))-\(readableName(of: text))"
        var path = FileStatus.path(of: name, in: base)
        var number = 1
        // Creating the folder is the only test of whether the name is free that has no race with another run.
        while try !makeFolder(path) {
            number += 1
            path = FileStatus.path(of: "\(name)-\(number)", in: base)
        }
        return RunFolder(path: path)
    }

    /// Creates a folder and those above it, all of which survive a power failure.
    ///
    /// - Returns: Whether it was created; false when it existed.
    private static func makeFolder(_ path: String) throws -> Bool {
        let parent = FileStatus.parentFolder(of: path)
        var result = mkdir(path, 0o777)
        if result != 0, errno == ENOENT, parent != path {
            _ = try makeFolder(parent)
            result = mkdir(path, 0o777)
        }
        if result == 0 {
            AtomicFile.synchronizeFolder(parent)
            return true
        }
        let code = errno
        let type = FileStatus.type(at: path)
        if type == S_IFDIR { return false }
        throw TinyGPTError.cannotCreate(
            path, reason: type == nil ? FileStatus.reason(code) : "a file with that name exists")
    }

    private static func timestamp(_ date: Date, _ timeZone: TimeZone) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = timeZone
        let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
        func digits(_ number: Int?, _ count: Int) -> String {
            let text = String(number ?? 0)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let day = digits(parts.year, 4) + digits(parts.month, 2) + digits(parts.day, 2)
        return day + "-" + digits(parts.hour, 2) + digits(parts.minute, 2) + digits(parts.second, 2)
    }

    /// The name of a text without its folder and its extension, as something to type in a shell: letters and digits, a
    /// hyphen for everything else.
    private static func readableName(of text: String) -> String {
        let stem = (FileStatus.name(of: text) as NSString).deletingPathExtension
        let words = stem.unicodeScalars.split { scalar in
            !(scalar.properties.isAlphabetic || scalar.properties.numericType != nil || scalar == "_")
        }
        let name = words.map { String(String.UnicodeScalarView($0)) }.joined(separator: "-").prefix(40)
        return name.isEmpty ? "text" : String(name)
    }
}

extension RunFolder {
    /// Finds a run with a checkpoint by its name or path, or the newest one.
    ///
    /// - Parameters:
    ///   - nameOrPath: A folder, or the name of one among the runs; `nil` for the run whose checkpoint was saved last.
    ///   - base: The folder of all runs.
    ///   - includesUnsaved: Whether a run that is named may also have ended before its first checkpoint.
    /// - Returns: The run; a path counts before a name.
    /// - Throws: ``TinyGPTError/noRuns(in:)``, ``TinyGPTError/noSuchRun(_:in:others:areSimilar:)``,
    ///   ``TinyGPTError/noCheckpoint(in:others:areSimilar:)`` or ``TinyGPTError/fileIsNotARun(_:)``.
    public static func find(
        _ nameOrPath: String?, in base: String = defaultBase, includesUnsaved: Bool = false
    ) throws -> RunFolder {
        let runs = try list(in: base)
        guard let nameOrPath else {
            if let newest = runs.first, newest.checkpointDate != nil { return newest }
            throw TinyGPTError.noRuns(in: base)
        }
        let candidates = [nameOrPath, FileStatus.path(of: nameOrPath, in: base)].map(RunFolder.init)
        if let run = candidates.first(where: { $0.checkpointDate != nil }) { return run }
        if includesUnsaved, let run = candidates.first(where: \.isUnsaved) { return run }
        let (others, areSimilar) = suggestions(for: nameOrPath, among: runs)
        for candidate in candidates {
            switch FileStatus.type(at: candidate.path) {
            case nil: continue
            case S_IFDIR:
                throw TinyGPTError.noCheckpoint(in: candidate.path, others: others, areSimilar: areSimilar)
            default: throw TinyGPTError.fileIsNotARun(candidate.path)
            }
        }
        throw TinyGPTError.noSuchRun(nameOrPath, in: base, others: others, areSimilar: areSimilar)
    }

    /// All runs, those with the newest checkpoints first, those without one at the end.
    ///
    /// A run is a folder with a configuration or a checkpoint in it.
    ///
    /// - Throws: ``TinyGPTError/cannotRead(_:reason:)``. A folder that does not exist has no runs.
    public static func list(in base: String = defaultBase) throws -> [RunFolder] {
        guard FileStatus.type(at: base) == S_IFDIR else { return [] }
        let names: [String]
        switch FileStatus.contents(of: base) {
        case .success(let found): names = found
        case .failure(let error): throw TinyGPTError.cannotRead(base, reason: error.reason)
        }
        let dated = names.compactMap { name -> (run: RunFolder, date: Date)? in
            let run = RunFolder(path: FileStatus.path(of: name, in: base))
            let date = run.checkpointDate
            guard date != nil || FileStatus.type(at: run.configurationPath) != nil else { return nil }
            return (run, date ?? .distantPast)
        }
        // Names begin with the time, so of two equally old the later name is the newer run.
        return dated.sorted { ($0.date, $0.run.name) > ($1.date, $1.run.name) }.map(\.run)
    }

    /// Up to five runs with a checkpoint: those whose names contain what was typed first, then the newest.
    private static func suggestions(for typed: String, among runs: [RunFolder]) -> ([String], areSimilar: Bool) {
        let usable = runs.filter { $0.checkpointDate != nil }
        let part = RunFolder(path: typed).name.lowercased()
        let similar = usable.filter { $0.name.lowercased().contains(part) }
        let others = usable.filter { !similar.contains($0) }
        return ((similar + others).prefix(5).map(\.name), !similar.isEmpty)
    }
}
