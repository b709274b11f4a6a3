import Console
import TinyGPT

/// A program whose files `tinygpt export` writes and `tinygpt import` reads.
enum ExchangeFormat: String, CaseIterable, Sendable {
    case huggingface
}

/// `tinygpt export`: writes a model for other programs.
struct ExportCommand: Command {
    private static let format = Option<ExchangeFormat>("to", "Format to write", isRequired: true)

    let declaration = CommandDeclaration(
        name: "export",
        summary: "Write a model for other programs",
        description: "Writes a model as a folder that Hugging Face's transformers loads as GPT-2, or "
            + "a modern one as Qwen3: AutoModelForCausalLM.from_pretrained(DIR) and "
            + "AutoTokenizer.from_pretrained(DIR), without further code.",
        examples: [
            Example("tinygpt export --to huggingface model", "the newest run"),
            Example("tinygpt export runs/notes --to huggingface model", "another run"),
        ],
        positionals: [
            .run, Positional("DIR", "Folder to create; an existing one is not overwritten", default: nil),
        ],
        groups: [
            OptionGroup("Options", [format, CommonOptions.checkpoint]), OptionGroup("Output", CommonOptions.output),
        ],
        exclusive: CommonOptions.exclusive)

    func run(_ arguments: ParsedArguments) throws {
        guard let directory = arguments.positionals.last else {
            throw UsageError("the folder to create is missing: tinygpt export [RUN] --to huggingface DIR")
        }
        let run = arguments.positionals.count > 1 ? arguments.positionals[0] : nil
        let stored = try StoredModel(run: run, arguments[CommonOptions.checkpoint])
        switch arguments[Self.format]! {
        case .huggingface: try HuggingFaceExport.write(stored.model, of: stored.checkpoint, to: directory)
        }
        guard !arguments[CommonOptions.quiet] else { return }
        StandardStreams.note(
            """
            exported \(stored.folder.path.inOneLine) to \(directory.inOneLine)/; to load it with transformers:
              AutoModelForCausalLM.from_pretrained(\(directory.pythonQuoted))
              AutoTokenizer.from_pretrained(\(directory.pythonQuoted))\n
            """)
    }
}
