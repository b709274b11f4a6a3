import Foundation
import Testing

@testable import Console
@testable import TinyGPT
@testable import TinyGPTCommand

@Suite("The plan of a training")
struct TrainingPlanTests {
    /// A run of a tiny model on `text.txt` with unusual hyperparameters, and the folder of both.
    private static func run(
        _ architecture: Architecture = .classic, tied: Bool = false,
        _ change: (inout TrainingSettings) -> Void = { _ in }
    ) throws -> (folder: RunFolder, text: String) {
        let base = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        let folder = try RunFolder.create(at: base + "/run")
        let text = base + "/text.txt"
        try String(repeating: "to be or not to be. ", count: 20).write(toFile: text, atomically: true, encoding: .utf8)
        let loaded = try LoadedText(paths: [text])
        let vocabulary = loaded.vocabulary
        let model = try GPT(
            GPT.Configuration(
                vocabulary: vocabulary.count, layers: 1, heads: 1, width: 8, context: 8, tied: tied,
                architecture: architecture), seed: 1)
        var settings = TrainingSettings(batch: 2, steps: 10)
        change(&settings)
        try Checkpoint(
            model, Optimizer(model.parameters, settings.optimizer), vocabulary: vocabulary, settings: settings,
            progress: .init(), data: .init(sha256: loaded.sha256, files: [text])
        ).write(to: folder.lastCheckpointPath)
        return (folder, text)
    }

    /// Removes a run of ``run(_:_:)`` and its text.
    private static func remove(_ folder: RunFolder) {
        try? FileManager.default.removeItem(atPath: FileStatus.parentFolder(of: folder.path))
    }

    @Test("A resumed run keeps every setting that no option changes, beta1, beta2 and epsilon among them")
    func resumedSettings() throws {
        let (folder, _) = try Self.run { settings in
            (settings.optimizer.beta1, settings.optimizer.beta2, settings.optimizer.epsilon) = (0.8, 0.95, 1e-6)
            settings.schedule.warmup = 3
        }
        defer { Self.remove(folder) }
        let plan = try TrainingPlan(resuming: folder, parse("train", "--resume", folder.path, "--steps", "20"))
        var expected = try Checkpoint(path: folder.lastCheckpointPath, for: .training).settings
        #expect(expected.optimizer.beta1 == 0.8)
        expected.steps = 20
        #expect(plan.settings == expected)
    }

    @Test("Options override the preset")
    func options() throws {
        let (folder, text) = try Self.run { _ in }
        defer { Self.remove(folder) }
        let plan = try TrainingPlan(
            parse("train", text, "--layers", "2", "--context", "8", "--learning-rate", "1e-5", "--seed", "7", "--tied"))
        #expect(plan.configuration.layers == 2 && plan.configuration.tied && plan.configuration.width == 128)
        #expect(plan.settings.schedule == LearningRateSchedule(peak: 1e-5, minimum: 0, warmup: 100, shape: .linear))
        #expect(plan.settings.seed == 7 && plan.settings.steps == Preset.cpu.recipe(characters: 0).training.steps)
    }

    @Test(
        "A run keeps its architecture, also where a preset is named, and refuses another",
        arguments: Architecture.allCases)
    func architecture(architecture: Architecture) throws {
        let (folder, text) = try Self.run(architecture)
        defer { Self.remove(folder) }
        func resumed(_ options: String...) throws -> TrainingPlan {
            try TrainingPlan(resuming: folder, parse(["train", "--resume", folder.path] + options))
        }
        #expect(try resumed().configuration.architecture == architecture)
        #expect(try resumed("--architecture", architecture.rawValue).configuration.architecture == architecture)
        for other in Architecture.allCases where other != architecture {
            let error = #expect(throws: CommandError.self) { try resumed("--architecture", other.rawValue) }
            #expect(error?.message.hasPrefix("--architecture \(other) does not fit the run") == true)
        }
        let sizes = ["--layers", "1", "--heads", "1", "--width", "8", "--context", "8"]
        #expect(
            try TrainingPlan(
                resuming: folder, parse(["train", "--resume", folder.path, "--preset", "cpu"] + sizes)
            ).configuration.architecture == architecture)
        let new = try TrainingPlan(parse(["train", text, "--architecture", architecture.rawValue] + sizes))
        #expect(new.configuration.architecture == architecture)
        #expect(try TrainingPlan(parse(["train", text] + sizes)).configuration.architecture == .classic)
    }

    @Test("Of a preset that is named for a resumed run only the sizes are compared")
    func resumedPreset() throws {
        let (folder, _) = try Self.run(tied: true)
        defer { Self.remove(folder) }
        let resume = ["train", "--resume", folder.path, "--preset"]
        let sizes = ["--layers", "1", "--heads", "1", "--width", "8", "--context", "8"]
        for preset in ["cpu", "fast"] {
            #expect(try TrainingPlan(resuming: folder, parse(resume + [preset] + sizes)).configuration.tied)
            let error = #expect(throws: CommandError.self) {
                try TrainingPlan(resuming: folder, parse(resume + [preset]))
            }
            #expect(error?.message.hasPrefix("--layers 4 does not fit the run") == true)
        }
    }

    @Test("A run that begins again with --lines reads its text as lines")
    func linesOfRunBegunAgain() throws {
        let base = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: base) }
        let folder = try RunFolder.create(at: base + "/run")
        let text = base + "/text.txt"
        try String(repeating: "to be\r\nor not to be\r\n", count: 20)
            .write(toFile: text, atomically: true, encoding: .utf8)
        let sizes = ["--layers", "1", "--heads", "1", "--width", "8", "--context", "16"]
        let plan = try TrainingPlan(parse(["train", text] + sizes))
        try RunConfiguration(
            version: "1", started: Date(timeIntervalSince1970: 0), commandLine: ["train"],
            model: GPT(plan.configuration, seed: 1), training: plan.settings, data: plan.data
        ).write(to: folder.configurationPath)
        for options in [[], ["--lines"]] {
            let again = try TrainingPlan(
                beginningAgain: folder, parse(["train", "--resume", folder.path] + options))
            let isLines = !options.isEmpty
            #expect(again.settings.lines == isLines && again.data.lines == (isLines ? true : nil))
            #expect(again.vocabulary.characters.contains("\r") != isLines)
        }
    }

    @Test("Advised steps are more than were made and within the range of the option")
    func moreSteps() {
        let limit = TrainingSettings.Limits.steps.upperBound
        #expect(TrainingPlan.moreSteps(than: 1000) == 2000)
        #expect(TrainingPlan.moreSteps(than: limit - 1) == limit)
        #expect(TrainingPlan.moreSteps(than: limit) == nil)
        #expect(TrainingPlan.moreSteps(than: 0).map { $0 > 0 } == true)
    }

    @Test("Options that exclude each other are refused with what to do")
    func exclusive() throws {
        let (folder, text) = try Self.run { _ in }
        defer { Self.remove(folder) }
        let cases = [
            (["--optimizer", "muon", "--learning-rate", "0.02"], "is on the scale of Muon's own update"),
            (["--preset", "baby", "--cooldown", "0.5"], "--cooldown 0.5 has no effect without --schedule linear"),
            (["--min-learning-rate", "0.1"], "must not be larger than --learning-rate"),
        ]
        for (options, message) in cases {
            let error = #expect(throws: CommandError.self) { try TrainingPlan(parse(["train", text] + options)) }
            #expect(error?.message.contains(message) == true, "\(options)")
        }
    }

    @Test("The fast preset gives a short text dropout, a longer one tables of pairs, a long one triples, and says why")
    func fast() throws {
        let (short, long) = (Preset.fast.recipe(characters: 94_000), Preset.fast.recipe(characters: 1_100_000))
        #expect(short.model.tables == .none && short.model.dropout > 0 && short.training.steps == 1000)
        #expect(long.model.tables == .trigram && long.model.dropout == 0 && long.training.steps == 2500)
        #expect(short.reason?.hasPrefix("a short text") == true && long.reason?.hasPrefix("a long text") == true)
        let medium = Preset.fast.recipe(characters: 300_000)
        #expect(medium.model.tables == .bigram && medium.model.dropout > 0 && medium.training.steps == 1500)
        #expect(medium.reason?.hasPrefix("a text of medium length") == true)
        for characters in [0, 500, 20_000, 119_999, 120_000, 449_999, 450_000, 1_000_000_000] {
            let recipe = Preset.fast.recipe(vocabulary: 65, characters: characters)
            try recipe.model.validate()
            try recipe.training.validate()
            #expect((300...2500).contains(recipe.training.steps))
        }
    }

    @Test("The best preset goes through a long text up to five times; a short text is the fast preset's")
    func best() throws {
        let long = Preset.best.recipe(characters: 1_100_000)
        #expect(long.model.tables == .bigram && long.reason?.hasPrefix("a long text") == true)
        #expect(long.training.steps == 1500)
        for characters in [450_000, 1_100_000, 20_000_000, 1_000_000_000] {
            let recipe = Preset.best.recipe(vocabulary: 65, characters: characters)
            try recipe.model.validate()
            try recipe.training.validate()
            #expect((400...6000).contains(recipe.training.steps))
            #expect(recipe.training.steps * 12 * 256 < 5 * characters)
        }
        for characters in [94_000, 300_000] {
            let (short, fast) = (Preset.best.recipe(characters: characters), Preset.fast.recipe(characters: characters))
            #expect(short.model == fast.model && short.training == fast.training)
            #expect(short.reason?.hasSuffix(", the settings of fast") == true)
        }
    }

    @Test(
        "With more time than a preset has use for on a text, a training ends after the steps that it has use for, and says so",
        arguments: [
            ("fast", 1000), ("best --width 256", 1000), ("fast --batch 24", 1000), ("fast --batch 4", 2968),
            ("fast --context 64 --batch 3 --accumulate 2", 3958), ("fast --batch 4 --val-fraction 0.5", 1649),
            ("fast --dropout 0.3", nil), ("fast --tables bigram", nil), ("fast --width 16", nil), ("cpu", nil),
        ] as [(String, Int?)])
    func moreTimeThanUseful(preset: String, steps: Int?) throws {
        let options = preset.split(separator: " ").map(String.init)
        var plan = try TrainingPlan(parse(["train", "--preset"] + options))
        let forecast = TrainingForecast(plan.settings, secondsPerStep: 0.1, secondsPerValidation: 0)
        try plan.fit(minutes: 0.5, since: .now, forecast)
        #expect(plan.settings.steps <= 300)
        #expect(plan.advice?.hasPrefix("ends sooner") != true)
        try plan.fit(minutes: 600, since: .now, forecast)
        if let steps { #expect(plan.settings.steps == steps) } else { #expect(plan.settings.steps > 300_000) }
        #expect(plan.advice?.hasPrefix("ends sooner than --minutes allows") ?? false == (steps != nil))
        let more = try TrainingPlan(parse(["train", "--steps", "5000", "--preset"] + options))
        #expect(more.advice?.contains("steps would learn the text by heart: fewer --steps") ?? false == (steps != nil))
    }

    @Test("What ends before its time on a long text says which preset learns more, where there is one")
    func moreTimeThanUsefulOnLongText() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try String(repeating: "to be or not to be, ", count: 50_000)
            .write(toFile: path, atomically: true, encoding: .utf8)
        for (preset, epochs, more) in [("fast", 4, "--preset best"), ("best", 4.5, "--steps N")] {
            var plan = try TrainingPlan(parse("train", path, "--preset", preset))
            let forecast = TrainingForecast(plan.settings, secondsPerStep: 0.1, secondsPerValidation: 0)
            try plan.fit(minutes: 600, since: .now, forecast)
            let seen = Double(plan.settings.steps * 12 * plan.configuration.context) / 900_000
            #expect(abs(seen - epochs) < 0.05)
            #expect(try #require(plan.advice).contains("learn the text by heart; \(more)"))
        }
    }

    @Test("A resumed run keeps its optimizer and its tables, and refuses others")
    func optimizer() throws {
        let (folder, _) = try Self.run { _ in }
        defer { Self.remove(folder) }
        for (option, value) in [("--optimizer", "muon"), ("--tables", "bigram")] {
            let error = #expect(throws: CommandError.self) {
                try TrainingPlan(resuming: folder, parse("train", "--resume", folder.path, option, value))
            }
            #expect(error?.message.hasPrefix("\(option) \(value) does not fit the run") == true)
        }
    }
}
