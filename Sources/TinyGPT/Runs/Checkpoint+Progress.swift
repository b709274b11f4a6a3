extension Checkpoint {
    /// How far a training has come.
    public struct Progress: Codable, Equatable, Sendable {
        /// Updates made.
        public var step = 0
        /// The lowest validation loss so far in nats per character.
        public var bestLoss: Double?
        /// The step at which ``bestLoss`` was measured.
        public var bestStep: Int?
        /// The validations made since ``bestStep``; nil before the first.
        public var validationsSinceBest: Int?
        /// Time spent on training steps, in seconds.
        public var seconds = 0.0
        /// True in a state that was saved before the validation of its step.
        public var isValidationPending: Bool?

        /// The progress of a training that has not begun.
        public init() {}

        /// Whether no step was made and the initial state not validated, which it never is where the whole text is trained on.
        var isNew: Bool { step == 0 && bestStep == nil }

        /// Whether the validation of this state, if it has one, is yet to be made.
        var isUnvalidated: Bool { isNew || isValidationPending == true }

        /// The last step whose validation, if it has one, belongs to the state; -1 for none.
        var validatedStep: Int { isUnvalidated ? step - 1 : step }

        /// Whether the training has ended before its last step, because validations did not get better.
        public func hasLostPatience(_ settings: TrainingSettings) -> Bool {
            guard let patience = settings.patience, let validationsSinceBest, isValidationPending != true else {
                return false
            }
            return validationsSinceBest >= patience
        }

        /// Whether a training with these settings makes no more steps.
        func hasEnded(_ settings: TrainingSettings) -> Bool { step >= settings.steps || hasLostPatience(settings) }

        /// Whether a training with these settings has nothing left to do.
        package func isComplete(_ settings: TrainingSettings) -> Bool { hasEnded(settings) && !isUnvalidated }
    }
}

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
