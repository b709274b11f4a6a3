extension MetricsLog {
    /// Which part of the text a loss was measured on.
    public enum Split: String, Sendable {
        /// One batch of the part that is trained on.
        case train
        /// The whole part kept for validation.
        case validation = "val"
    }

    /// What was measured at one step.
    public struct Row: Equatable, Sendable {
        /// The step.
        public var step: Int
        /// What the loss was measured on.
        public var split: Split
        /// Mean cross-entropy in nats per character.
        public var loss: Double
        /// The learning rate of the step, for training only.
        public var learningRate: Double?
        /// The norm of all gradients together before clipping, for training only.
        public var gradientNorm: Double?
        /// Characters processed per second.
        public var tokensPerSecond: Double?
        /// Seconds since the run began.
        public var seconds: Double?

        /// Creates a row; what does not apply is `nil`.
        public init(
            step: Int, split: Split, loss: Double, learningRate: Double? = nil, gradientNorm: Double? = nil,
            tokensPerSecond: Double? = nil, seconds: Double? = nil
        ) {
            self.step = step
            self.split = split
            self.loss = loss
            self.learningRate = learningRate
            self.gradientNorm = gradientNorm
            self.tokensPerSecond = tokensPerSecond
            self.seconds = seconds
        }
    }
}

extension MetricsLog.Row {
    /// The row as it stands in the file, without the line break. Numbers are the shortest that read back as the same.
    var line: String {
        let numbers = [loss, learningRate, gradientNorm, tokensPerSecond, seconds].map { $0?.description ?? "" }
        return ([String(step), split.rawValue] + numbers).joined(separator: ",")
    }

    /// The row that stands in a line; `nil` when none does.
    init?(line: some StringProtocol) {
        let fields = line.split(separator: ",", omittingEmptySubsequences: false)
        guard fields.count == 7, let step = Int(fields[0]), let split = MetricsLog.Split(rawValue: String(fields[1])),
            let loss = Double(fields[2])
        else { return nil }
        self.init(step: step, split: split, loss: loss)
        for (field, column) in zip(fields[3...], [\Self.learningRate, \.gradientNorm, \.tokensPerSecond, \.seconds])
        where !field.isEmpty {
            guard let number = Double(field) else { return nil }
            self[keyPath: column] = number
        }
    }
}
