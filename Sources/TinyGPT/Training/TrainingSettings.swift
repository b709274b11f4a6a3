import Foundation

/// The hyperparameters of a training run: everything but the model's sizes and the text.
public struct TrainingSettings: Codable, Equatable, Sendable {
    /// Windows of text in each batch, at least 1.
    public var batch: Int
    /// Batches whose mean gradient makes one update, at least 1.
    public var accumulation: Int
    /// Parts of every batch whose gradients are summed one after the other, so that as many processes can share it; at least 1,
    /// at most as many as windows. Results depend on it, but not on the number of processes.
    public var shares: Int
    /// Which windows a batch takes.
    public var batches: BatchSampler.Order
    /// Updates in all; 0 leaves the model untrained.
    public var steps: Int
    /// The learning rate of each step.
    public var schedule: LearningRateSchedule
    /// The optimizer's hyperparameters.
    public var optimizer: AdamW.Settings
    /// The optimizer's rule for hidden matrices.
    public var optimizerKind: Optimizer.Kind
    /// The part of the text, from its end, to validate on, from 0 to below 1; at 0, all of it is trained on.
    public var validationFraction: Double
    /// Steps between validations, at least 1.
    public var evaluateEvery: Int
    /// Validations without a better loss after which the training ends; nil for all steps in any case.
    public var patience: Int?
    /// Whether each line of the text is a text of its own.
    public var lines: Bool
    /// The seed of all random numbers.
    public var seed: UInt64

    /// Settings, not validated (``validate()`` does that), with nanoGPT's values for what is left out.
    ///
    /// - Parameters:
    ///   - batch: Windows of text in each batch, 1 to 65,536; its loss is the mean over their characters.
    ///   - accumulation: Batches whose mean gradient makes one update, 1 to 65,536.
    ///   - shares: Parts of every batch whose gradients are summed one after the other, 1 to 4096 and at most `batch`.
    ///   - batches: Which windows a batch takes.
    ///   - steps: Updates in all, at least 0.
    ///   - schedule: The learning rate of each step.
    ///   - optimizer: The optimizer's hyperparameters.
    ///   - optimizerKind: The optimizer's rule for hidden matrices.
    ///   - validationFraction: The part of the text, from its end, to validate on, from 0 to below 1; 0 for none.
    ///   - evaluateEvery: Steps between validations, at least 1.
    ///   - patience: Validations without a better loss after which the training ends, at least 1; nil for all steps.
    ///   - lines: Whether each line of the text is a text of its own.
    ///   - seed: The seed of initial weights, batches, dropout and samples: the same seed gives the same bits.
    public init(
        batch: Int, accumulation: Int = 1, shares: Int = 1, batches: BatchSampler.Order = .random, steps: Int,
        schedule: LearningRateSchedule = .init(peak: 1e-3, minimum: 1e-4, warmup: 100),
        optimizer: AdamW.Settings = .init(), optimizerKind: Optimizer.Kind = .adamw, validationFraction: Double = 0.1,
        evaluateEvery: Int = 250, patience: Int? = nil, lines: Bool = false, seed: UInt64 = defaultSeed
    ) {
        self.batch = batch
        self.accumulation = accumulation
        self.shares = shares
        self.batches = batches
        self.steps = steps
        self.schedule = schedule
        self.optimizer = optimizer
        self.optimizerKind = optimizerKind
        self.validationFraction = validationFraction
        self.evaluateEvery = evaluateEvery
        self.patience = patience
        self.lines = lines
        self.seed = seed
    }

    /// Reads settings; a key that an older file lacks gets the value that was fixed then.
    ///
    /// - Throws: `DecodingError`.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        batch = try values.decode(Int.self, forKey: .batch)
        accumulation = try values.decodeIfPresent(Int.self, forKey: .accumulation) ?? 1
        shares = try values.decodeIfPresent(Int.self, forKey: .shares) ?? 1
        batches = try values.decodeIfPresent(BatchSampler.Order.self, forKey: .batches) ?? .random
        steps = try values.decode(Int.self, forKey: .steps)
        schedule = try values.decode(LearningRateSchedule.self, forKey: .schedule)
        optimizer = try values.decode(AdamW.Settings.self, forKey: .optimizer)
        optimizerKind = try values.decodeIfPresent(Optimizer.Kind.self, forKey: .optimizerKind) ?? .adamw
        validationFraction = try values.decode(Double.self, forKey: .validationFraction)
        evaluateEvery = try values.decode(Int.self, forKey: .evaluateEvery)
        patience = try values.decodeIfPresent(Int.self, forKey: .patience)
        lines = try values.decodeIfPresent(Bool.self, forKey: .lines) ?? false
        seed = try values.decode(UInt64.self, forKey: .seed)
    }

    /// Whether the loss on the validation text is measured after a step.
    package func validates(after step: Int) -> Bool { step % evaluateEvery == 0 || step == steps }

    /// The regular validations, at multiples of ``evaluateEvery``, after one step up to and including another.
    package func validations(after first: Int, through last: Int) -> Int {
        last / evaluateEvery - first / evaluateEvery
    }

    /// The validations before that of a step: at multiples of ``evaluateEvery``, of which 0 is one.
    package func validations(before step: Int) -> Int { (step + evaluateEvery - 1) / evaluateEvery }

    /// The validations of a training of so many steps: before the first, every ``evaluateEvery`` steps, and after the last.
    package func validations(ofAll steps: Int) -> Int { validations(before: steps) + 1 }

    /// The seed of a training that chooses none: nanoGPT's.
    public static let defaultSeed: UInt64 = 1337

    /// The values that settings can have, from the command line and from files alike.
    package enum Limits {
        package static let batch = 1...65536
        package static let accumulation = 1...65536
        package static let shares = 1...4096
        package static let steps = 0...1_000_000_000
        package static let warmup = 0...1_000_000_000
        package static let evaluateEvery = 1...1_000_000_000
        package static let patience = 1...1_000_000_000
        package static let peak = NumberRange.above(0)
        package static let minimum = NumberRange.from(0)
        package static let cooldown = NumberRange.above(0, upTo: 1)
        package static let beta = NumberRange.from(0, below: 1)
        package static let epsilon = NumberRange.above(0)
        package static let weightDecay = NumberRange.from(0)
        package static let clip = NumberRange.above(0)
        package static let validationFraction = NumberRange.from(0, below: 1)
    }

    /// The first setting that is out of range, with what was expected, in words; nil when all are valid.
    package var invalidSetting: String? {
        let counts = [
            ("batch", batch, Limits.batch), ("accumulation", accumulation, Limits.accumulation),
            ("shares", shares, Limits.shares), ("steps", steps, Limits.steps),
            ("evaluateEvery", evaluateEvery, Limits.evaluateEvery), ("warmup", schedule.warmup, Limits.warmup),
            ("patience", patience ?? 1, Limits.patience),
        ]
        for (name, value, range) in counts where !range.contains(value) {
            return "\(name) \(value), expected \(range.lowerBound) to \(range.upperBound)"
        }
        let numbers = [
            ("validationFraction", validationFraction, Limits.validationFraction),
            ("peak learning rate", schedule.peak, Limits.peak),
            ("minimum learning rate", schedule.minimum, Limits.minimum),
            ("cooldown", schedule.cooldown, Limits.cooldown),
            ("beta1", optimizer.beta1, Limits.beta), ("beta2", optimizer.beta2, Limits.beta),
            ("epsilon", optimizer.epsilon, Limits.epsilon),
            ("weightDecay", optimizer.weightDecay, Limits.weightDecay), ("clip", optimizer.clip, Limits.clip),
        ]
        for (name, value, range) in numbers where !range.contains(value) {
            return "\(name) \(value), expected \(range.expectation)"
        }
        guard schedule.minimum <= schedule.peak else {
            return "minimum learning rate \(schedule.minimum), expected at most the peak of \(schedule.peak)"
        }
        guard shares <= batch else {
            return "shares \(shares), expected at most the \(batch) windows of a batch"
        }
        guard patience == nil || validationFraction > 0 else {
            return "patience \(patience!), expected none without a validation part"
        }
        return nil
    }

    /// Checks every setting against its range.
    ///
    /// - Throws: ``TinyGPTError/invalidSettings(problem:)`` for the first that is out of range.
    public func validate() throws {
        if let problem = invalidSetting { throw TinyGPTError.invalidSettings(problem: problem) }
    }
}
