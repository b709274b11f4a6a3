import Foundation

extension RunFolder {
    /// The run that is meant by a name or a path, or the newest one. It has a checkpoint.
    ///
    /// - Parameters:
    ///   - nameOrPath: A folder, or the name of one among the runs; `nil` for the run whose checkpoint was saved last.
    ///   - base: Where runs are.
    /// - Returns: The run; a path counts before a name.
    /// - Throws: `.missingInput` when there is no such run or it has no checkpoint, with the runs there are.
    public static func find(_ nameOrPath: String?, in base: String = defaultBase) throws -> RunFolder {
        let runs = try list(in: base)
        guard let nameOrPath else {
            if let newest = runs.first, newest.checkpointDate != nil { return newest }
            throw TinyGPTError(.missingInput, "there is no run with a checkpoint in '\(base)'; make one: tinygpt train")
        }
        let candidates = [nameOrPath, (base as NSString).appendingPathComponent(nameOrPath)].map(RunFolder.init)
        if let run = candidates.first(where: { $0.checkpointDate != nil }) { return run }
        for candidate in candidates {
            switch SystemReason.fileType(at: candidate.path) {
            case nil:
                continue
            case S_IFDIR:
                throw TinyGPTError(
                    .missingInput,
                    """
                    there is no checkpoint in '\(candidate.path)': expected checkpoint-last.safetensors or \
                    checkpoint-best.safetensors\(suggestion(for: nameOrPath, among: runs))
                    """)
            default:
                throw TinyGPTError(.missingInput, notARun(candidate.path))
            }
        }
        throw TinyGPTError(
            .missingInput,
            "there is no run '\(nameOrPath)', here or in '\(base)'\(suggestion(for: nameOrPath, among: runs))")
    }

    /// The runs there are: those whose checkpoints were saved last first, those without one at the end.
    ///
    /// A run is a folder with a configuration or a checkpoint in it.
    ///
    /// - Throws: `.inputOutput` when the folder they are in cannot be read. When it is not there, there are no runs.
    public static func list(in base: String = defaultBase) throws -> [RunFolder] {
        guard SystemReason.fileType(at: base) == S_IFDIR else { return [] }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: base)
        } catch {
            throw TinyGPTError(.inputOutput, "cannot look into the folder '\(base)'")
        }
        let dated = names.compactMap { name -> (run: RunFolder, date: Date)? in
            let run = RunFolder(path: (base as NSString).appendingPathComponent(name))
            let date = run.checkpointDate
            guard date != nil || SystemReason.fileType(at: run.configurationPath) != nil else { return nil }
            return (run, date ?? .distantPast)
        }
        // Names begin with the time, so of two equally old the later name is the newer run.
        return dated.sorted { ($0.date, $0.run.name) > ($1.date, $1.run.name) }.map(\.run)
    }

    private static func notARun(_ file: String) -> String {
        (file as NSString).pathExtension == "safetensors"
            ? "'\(file)' is a file, not a run; name the folder it is in: \(ParentFolder.path(of: file))"
            : "'\(file)' is a file, where the name of a run is expected; a text comes after the run: RUN \(file)"
    }

    /// A second line with up to five runs: those that contain what was typed first, then the newest.
    private static func suggestion(for typed: String, among runs: [RunFolder]) -> String {
        let usable = runs.filter { $0.checkpointDate != nil }
        guard !usable.isEmpty else { return "\nThere are no runs yet; make one: tinygpt train" }
        let part = RunFolder(path: typed).name.lowercased()
        let similar = usable.filter { $0.name.lowercased().contains(part) }
        let others = usable.filter { !similar.contains($0) }
        let names = (similar + others).prefix(5).map(\.name).joined(separator: ", ")
        return similar.isEmpty ? "\nThe newest runs are: \(names)" : "\nDid you mean one of these? \(names)"
    }
}
