import Console
import Foundation
import TinyGPT

/// What the first of several processes tells the others of a training, from which they compute the same.
private struct SharedPlan: Codable {
    let configuration: GPT.Configuration
    let settings: TrainingSettings
    let vocabulary: String
    let data: Checkpoint.DataDescription
    let step: Int
    let preset: String
    let build: String
}

/// Why a process cannot take part; empty where it can.
private struct Objection: Codable {
    let code: Int32
    let message: String
}

extension TrainingSettings {
    /// These settings, with a share of every batch for each process, unless they have more shares.
    ///
    /// - Throws: A usage error where there are too few windows or shares.
    func shared(among processes: Processes, _ arguments: ParsedArguments) throws -> TrainingSettings {
        guard processes.count > 1 else { return self }
        guard processes.count <= batch else {
            throw CommandError(
                .usage,
                "mpirun has started \(processes.count) processes, but a batch has \(batch) windows to share; start "
                    + "fewer, or choose a larger --batch")
        }
        if let shares = arguments[TrainCommand.shares], shares < processes.count {
            throw CommandError(
                .usage,
                "--shares \(shares) are too few for \(processes.count) processes; start fewer, or choose more shares")
        }
        var settings = self
        settings.shares = max(shares, processes.count)
        return settings
    }
}

extension TrainingPlan {
    /// Has the other processes prepare, each with its own copy of the text.
    ///
    /// - Throws: What the first of them objects to: another text, another build, other settings.
    func compare(among processes: Processes, _ arguments: ParsedArguments) throws {
        guard processes.count > 1 else { return }
        var characters = String.UnicodeScalarView()
        characters.append(contentsOf: vocabulary.characters)
        let shared = SharedPlan(
            configuration: configuration, settings: settings, vocabulary: String(characters), data: data,
            step: resumed?.checkpoint.progress.step ?? 0, preset: arguments[TrainCommand.preset].rawValue,
            build: try TrainCommand.build())
        let text = try JSONEncoder.text(of: shared)
        // The others now wait for what is gathered, so from here on nothing may throw before it is.
        processes.announce(.compare)
        _ = processes.gather(text)
        let objections = processes.gather("").map { try? JSONDecoder().decode(Objection.self, from: Data($0.utf8)) }
        for case (let number, let objection?) in objections.enumerated() {
            throw CommandError(
                ExitCode(rawValue: objection.code) ?? .failure, "process \(number), on \(objection.message)")
        }
    }
}

extension TrainCommand {
    /// Does the part of a process that is not the first: until that one has dismissed it.
    static func follow(_ arguments: ParsedArguments, _ processes: Processes) {
        // A signal to one stops all, after the first has saved.
        Interruption.install(isAnnounced: false)
        var follower: TrainingFollower?
        processes.follow { task in
            if Interruption.isRequested { processes.askToStop() }
            guard task == .compare else { return follower?.follow(task) ?? () }
            let shared = processes.gather("")[0]
            var objection = ""
            do {
                let plan = try JSONDecoder().decode(SharedPlan.self, from: Data(shared.utf8))
                follower = try makeFollower(plan, arguments, processes)
            } catch {
                let problem = (error as? CommandError)?.message ?? "\(error)"
                let message = "\(ProcessInfo.processInfo.hostName): \(problem)"
                objection =
                    (try? JSONEncoder.text(of: Objection(code: ExitCode(error).rawValue, message: message))) ?? ""
            }
            _ = processes.gather(objection)
        }
    }

    private static func makeFollower(
        _ plan: SharedPlan, _ arguments: ParsedArguments, _ processes: Processes
    ) throws -> TrainingFollower {
        let build = try build()
        guard build == plan.build else {
            throw CommandError(
                .failure, "this is another build of the program: \(build), expected the first process's \(plan.build)")
        }
        try refuseOtherOptions(plan, arguments)
        let names = arguments.positionals
        let text =
            try names.isEmpty
            ? LoadedText(of: plan.data) : LoadedText(paths: TextFiles(names).paths, lines: plan.data.lines ?? false)
        guard text.sha256 == plan.data.sha256 else {
            throw CommandError(
                .badData,
                """
                the text is not that of the first process: its SHA-256 begins with \(text.sha256.prefix(12)), expected \
                \(plan.data.sha256.prefix(12))
                """)
        }
        let vocabulary = try Vocabulary(characters: Array(plan.vocabulary.unicodeScalars), from: "the first process")
        let corpus = try TrainingPlan.checked(text, vocabulary, plan.configuration, plan.settings, processes)
        return try TrainingFollower(plan.configuration, plan.settings, step: plan.step, corpus: corpus, processes)
    }

    /// Refuses options that would make the training another one than that of the first process.
    private static func refuseOtherOptions(_ plan: SharedPlan, _ arguments: ParsedArguments) throws {
        let (model, settings) = (
            configuration(plan.configuration, arguments), try settings(plan.settings, arguments)
        )
        let rows =
            [("--preset", arguments[preset].rawValue, plan.preset)]
            + modelSettings.map { ($0.name, $0.text(model), $0.text(plan.configuration)) }
            + trainingSettings.map { ($0.name, $0.text(settings), $0.text(plan.settings)) }
        if let (option, got, expected) = rows.first(where: { $0.1 != $0.2 }) {
            throw CommandError(.usage, "\(option) is \(got), expected the first process's \(expected)")
        }
    }

    /// What must be the same for processes to compute the same bits: the instructions in use and the program's digest.
    fileprivate static func build() throws -> String {
        let linux = "/proc/self/exe"
        let path = FileStatus.type(at: linux) == nil ? Bundle.main.executablePath ?? linux : linux
        let digest = try SHA256.digest(
            of: [UInt8](Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)))
        return "\(Program.version), \(Compute.instructionSet), SHA-256 \(digest.prefix(12))"
    }
}
