import Console
import Foundation
import TinyGPT

/// `tinygpt import`: creates a run from another program's model.
struct ImportCommand: Command {
    private static let format = Option<ExchangeFormat>("from", "Format to read", isRequired: true)
    private static let run = Option<String>(
        "run", as: "DIR", "Run folder to create", default: "a new one under \(RunFolder.defaultBase)/")

    let declaration = CommandDeclaration(
        name: "import",
        summary: "Create a run from a model of another program",
        description:
            "Creates a run from what 'tinygpt export' wrote for another program. A folder for transformers or PyTorch may have been "
            + "trained or edited in Python since.",
        examples: [
            Example("tinygpt import model --from huggingface --run runs/edited", "then: tinygpt sample runs/edited"),
            Example("tinygpt train notes.txt --resume runs/edited", "continue training it on your own text"),
        ],
        positionals: [Positional("PATH", "Folder to read, or the file of gguf", default: nil)],
        groups: [OptionGroup("Options", [format, run]), OptionGroup("Output", CommonOptions.output)],
        exclusive: CommonOptions.exclusive)

    func run(_ arguments: ParsedArguments) throws {
        let format = arguments[Self.format]!
        guard let path = arguments.positionals.first else {
            throw UsageError("the \(format.place) to read is missing: tinygpt import PATH --from \(format.rawValue)")
        }
        let (model, vocabulary) =
            switch format {
            case .huggingface: try HuggingFaceImport.read(path)
            case .gguf: try GGUFImport.read(path)
            case .pytorch: try PyTorchFolder.read(path)
            case .nanogpt: try NanoGPTFolder.read(path)
            }
        // The hyperparameters of a training to come; no text belongs to the run yet.
        let settings = Preset.cpu.recipe(characters: 0).training
        let checkpoint = Checkpoint(
            untrained: model, vocabulary: vocabulary, settings: settings, data: .init(sha256: "", files: []))
        let begun = try BegunRun(at: arguments[Self.run], forText: path)
        defer { withExtendedLifetime(begun.lock) {} }
        let folder = begun.folder
        do {
            try RunConfiguration(
                version: Program.version, started: Date(), commandLine: arguments.commandLine, model: model,
                training: settings, data: checkpoint.data
            ).write(to: folder.configurationPath)
            try checkpoint.write(to: folder.lastCheckpointPath)
        } catch {
            // Half a run is none.
            begun.remove()
            throw error
        }
        guard !arguments[CommonOptions.quiet] else { return }
        StandardStreams.note(
            """
            imported \(path.inOneLine) as \(folder.path.inOneLine); next:
              tinygpt sample \(folder.path.shellPath)
              tinygpt train TEXT --resume \(folder.path.shellPath)\n
            """)
    }
}
