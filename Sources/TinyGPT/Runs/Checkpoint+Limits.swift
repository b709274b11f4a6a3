/// What the values in a file can be.
extension Checkpoint.Progress {
    /// The first value that is out of range, in words; nil when all are valid.
    var problem: String? {
        let steps = TrainingSettings.Limits.steps
        guard steps.contains(step) else { return "step \(step), expected 0 to \(steps.upperBound)" }
        if let bestStep, !(0...step).contains(bestStep) { return "best step \(bestStep), expected 0 to \(step)" }
        if let bestLoss, !bestLoss.isFinite { return "best loss \(bestLoss), expected a finite number" }
        guard (bestLoss == nil) == (bestStep == nil) else {
            return "a best loss without its step, or a step without it"
        }
        if let count = validationsSinceBest, !(0...step).contains(count) {
            return "\(count) validations since the best, expected 0 to \(step)"
        }
        guard seconds >= 0, seconds.isFinite else {
            return "\(seconds) seconds, expected a finite number of at least 0"
        }
        return nil
    }

    /// What contradicts the settings of the training, in words; nil when nothing does.
    func problem(within settings: TrainingSettings) -> String? {
        step <= settings.steps ? nil : "step \(step), expected at most the \(settings.steps) steps of its settings"
    }
}

extension Checkpoint.DataDescription {
    /// The longest path that systems take, in bytes.
    private static let longestPath = 4096

    /// What no description of a text has, in words; nil when all is valid.
    var problem: String? {
        guard sha256.utf8.count <= 64, sha256.utf8.allSatisfy("0123456789abcdef".utf8.contains) else {
            return "the SHA-256 '\(sha256.excerpt)', expected at most 64 hexadecimal digits"
        }
        if let path = files.first(where: { !(1...Self.longestPath).contains($0.utf8.count) || $0.utf8.contains(0) }) {
            return "the file '\(path.excerpt)', expected a path of 1 to \(Self.longestPath) bytes"
        }
        return nil
    }
}
