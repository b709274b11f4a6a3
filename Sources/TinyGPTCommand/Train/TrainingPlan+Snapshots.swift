import Console
import TinyGPT

/// The part of a plan that `--probe-weights` decides: snapshots of the weights.
extension TrainingPlan {
    /// Refuses `--probe-weights` without a probe, or for a model of which the explorer would not hold them.
    static func checkProbeWeights(_ configuration: GPT.Configuration, _ probe: String?) throws {
        guard probe != nil else {
            throw UsageError("--probe-weights needs --probe TEXT, the text that the explorer then begins with")
        }
        try configuration.validate()
        let (count, most) = (configuration.parameterCount, ExplorerPage.mostParametersOfHistory)
        guard count <= most else {
            throw UsageError(
                "--probe-weights: this model has \(HumanNumbers.count(count)) weights, and the explorer holds earlier weights of "
                    + "models of up to \(HumanNumbers.count(most)); --probe alone records the attention")
        }
    }

    /// Whether a resumed run keeps its weights: because it did before, or from now on.
    static func probeWeights(
        resuming folder: RunFolder, _ probe: String?, _ configuration: GPT.Configuration, _ arguments: ParsedArguments
    ) throws -> Bool {
        guard arguments[TrainCommand.probeWeights] else {
            let isKept = (try? RunConfiguration(path: folder.configurationPath))?.probeWeights ?? folder.hasSnapshots
            return isKept && probe != nil
        }
        if probe == nil {
            throw CommandError(
                .usage,
                "--probe-weights: \(folder.path.quoted) was started without a --probe, and this cannot be changed")
        }
        try checkProbeWeights(configuration, probe)
        return true
    }

    /// The bytes of a snapshot.
    var snapshotBytes: Int { WeightSnapshots.byteCount(configuration) }

    /// How many snapshots of the weights there will be, and what they take.
    var snapshots: String {
        "the weights at \(settings.validations(ofAll: settings.steps)) validations, \(HumanNumbers.bytes(snapshotBytes)) each"
    }
}
