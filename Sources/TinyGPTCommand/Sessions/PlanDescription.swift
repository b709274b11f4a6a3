import TinyGPT

/// What a training is going to do, in four lines before it begins.
struct PlanDescription {
    let text: String

    init(_ plan: TrainingPlan, _ model: GPT) {
        let (sizes, settings) = (plan.configuration, plan.settings)
        let files = plan.text.paths.map { $0 == "-" ? "standard input" : $0 }.joined(separator: ", ")
        let traits =
            [
                sizes.dropout > 0 ? "dropout \(sizes.dropout)" : nil, sizes.bias ? "biases" : nil,
                sizes.tied ? "tied" : nil,
            ]
            .compactMap { $0.map { ", " + $0 } }.joined()
        let split = "\(plan.corpus.train.count) to train on, \(plan.corpus.validation.count) to validate"
        let rate = "\(settings.schedule.highest) to \(settings.schedule.lowest)"
        text = """
            text      \(files)
                      \(plan.text.scalars.count) characters, \(plan.vocabulary.count) different; \(split)
            model     \(sizes.layers) layers, \(sizes.heads) heads, width \(sizes.width), context \(sizes.context)\(traits)
                      \(HumanNumbers.count(model.parameterCount)) parameters
            training  \(settings.steps) steps of \(settings.batch) x \(sizes.context) characters, seed \(settings.seed)
                      learning rate \(rate), warm-up \(settings.schedule.warmup) steps
            computer  \(Compute.threads) thread\(Compute.threads == 1 ? "" : "s"), \(Compute.instructionSet)

            """
    }
}
