import Console
import TinyGPT

/// `tinygpt export`: writes a model for other programs.
struct ExportCommand: Command {
    private static let format = Option<ExchangeFormat>("to", "Format to write", isRequired: true)
    private static let type = Option<GGUFExport.WeightType>(
        "type", "How --to gguf stores matrices: fewer bits make the file smaller and probabilities a little different"
    ).or(.f32)

    let declaration = CommandDeclaration(
        name: "export",
        summary: "Write a model for other programs",
        description:
            "Writes a model for another program: for huggingface a folder that transformers loads as GPT-2, or a "
            + "modern one as Qwen3; for gguf a file that llama.cpp runs; for pytorch a folder with the weights and a model.py; for "
            + "nanogpt a folder and a script that makes nanoGPT's checkpoint of it. It then says how to go on.",
        examples: [
            Example("tinygpt export --to huggingface model", "the newest run, for Python"),
            Example(
                "tinygpt export runs/notes --to gguf notes.gguf --type q8_0", "another run, for llama.cpp, in 8 bits"),
        ],
        positionals: [
            .run, Positional("PATH", "Folder or file to create; an existing one is not overwritten", default: nil),
        ],
        groups: [
            OptionGroup("Options", [format, type, CommonOptions.checkpoint]),
            OptionGroup("Output", CommonOptions.output),
        ],
        exclusive: CommonOptions.exclusive)

    func run(_ arguments: ParsedArguments) throws {
        let format = arguments[Self.format]!
        guard let path = arguments.positionals.last else {
            throw UsageError(
                "the \(format.place) to create is missing: tinygpt export [RUN] --to \(format.rawValue) PATH")
        }
        let type = arguments[Self.type]
        guard format == .gguf || !arguments.isGiven(Self.type) else {
            throw UsageError("--type goes with --to gguf; \(format.rawValue) stores 32-bit floats")
        }
        let run = arguments.positionals.count > 1 ? arguments.positionals[0] : nil
        let stored = try StoredModel(run: run, arguments[CommonOptions.checkpoint])
        switch format {
        case .huggingface: try HuggingFaceExport.write(stored.model, of: stored.checkpoint, to: path)
        case .gguf: try GGUFExport.write(stored.model, of: stored.checkpoint, to: path, type: type)
        case .pytorch: try PyTorchFolder.write(stored.model, of: stored.checkpoint, to: path)
        case .nanogpt: try NanoGPTFolder.write(stored.model, of: stored.checkpoint, to: path)
        }
        guard !arguments[CommonOptions.quiet] else { return }
        StandardStreams.note(ExportNote(stored: stored, format: format, path: path).text)
    }
}
