import Foundation
import TinyGPT

/// `tinygpt import`: makes a run of another program's model.
struct ImportCommand: Command {
    private static let format = Option<ExchangeFormat>("from", "The kind of folder", isRequired: true)
    private static let run = Option<String>("run", as: "DIR", "Run folder to create", default: "a new one under runs/")

    let declaration = CommandDeclaration(
        name: "import",
        summary: "Make a run of a model from another program",
        description:
            "Reads a folder of Hugging Face's transformers that 'tinygpt export' wrote, and that may have been "
            + "trained or edited in Python since, and makes a run of it.",
        examples: [
            Example("tinygpt import model --from huggingface --run runs/edited", "then: tinygpt sample runs/edited"),
            Example("tinygpt train notes.txt --resume runs/edited", "train it on, on a text of yours"),
        ],
        positionals: [Positional("DIR", "The folder to read", default: nil)],
        groups: [OptionGroup("Options", [format, run]), OptionGroup("Output", CommonOptions.output)],
        exclusive: CommonOptions.exclusive)

    func run(_ arguments: ParsedArguments) throws {
        guard let directory = arguments.positionals.first else {
            throw UsageError("the folder to read is missing: import --from huggingface DIR --run RUN")
        }
        let (model, vocabulary) = try HuggingFaceImport.read(directory)
        // The hyperparameters of a training to come; no text belongs to the run yet.
        let settings = Preset.cpu.settings
        let checkpoint = Checkpoint(
            model, Optimizer(model.parameters, settings.optimizer), vocabulary: vocabulary, settings: settings,
            progress: .init(), data: .init(sha256: "", files: []))
        let folder =
            try arguments[Self.run].map { try RunFolder.create(at: $0) } ?? RunFolder.create(forText: directory)
        let lock = try RunLock(folder, isNew: true)
        defer { withExtendedLifetime(lock) {} }
        do {
            try RunConfiguration(
                version: HelpText.version, started: Date(), commandLine: arguments.commandLine, model: model,
                training: settings, data: checkpoint.data
            ).write(to: folder.configurationPath)
            try checkpoint.write(to: folder.lastCheckpointPath)
        } catch {
            // Half a run is none.
            try? FileManager.default.removeItem(atPath: FileStatus.absolute(folder.path))
            throw error
        }
        guard !arguments[CommonOptions.quiet] else { return }
        StandardStreams.note(
            """
            imported \(directory) as \(folder.path); next:
              tinygpt sample \(folder.path.shellPath)
              tinygpt train TEXT --resume \(folder.path.shellPath)\n
            """)
    }
}
