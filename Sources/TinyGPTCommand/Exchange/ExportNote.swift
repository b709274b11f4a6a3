import Console
import TinyGPT

/// What a user does with an exported model, and what limits it has there.
struct ExportNote {
    let stored: StoredModel
    let format: ExchangeFormat
    let path: String

    private var configuration: GPT.Configuration { stored.checkpoint.configuration }

    /// The note, which ends with a line break.
    var text: String {
        let slash = format == .gguf ? "" : "/"
        let done = "exported \(stored.folder.path.inOneLine) to \(path.inOneLine)\(slash); "
        return switch format {
        case .huggingface:
            """
            \(done)to load it with transformers:
              AutoModelForCausalLM.from_pretrained(\(path.pythonQuoted))
              AutoTokenizer.from_pretrained(\(path.pythonQuoted))

            """
        case .gguf: done + llamaCPP
        case .pytorch:
            """
            \(done)with PyTorch and safetensors installed:
              python \("\(path)/sample.py".shellPath) \(prompt.shellQuoted) 200
            model.py has the model, and load and save; what it saves is read by 'tinygpt import --from pytorch'

            """
        case .nanogpt:
            """
            \(done)to sample with nanoGPT:
              python \("\(path)/make_checkpoint.py".shellPath) NANOGPT
              cd NANOGPT && python sample.py --out_dir=out-tinygpt --device=cpu --start=\(prompt.shellQuoted)
            nanoGPT's GELU is the exact one, so probabilities differ by up to 1e-3

            """
        }
    }

    private var llamaCPP: String {
        let (context, characters) = (configuration.context, prompt.unicodeScalars.count)
        let file = path.shellPath
        let run = """
            to run it with llama.cpp:
              llama-simple -m \(file) -n \(max(1, min(200, context - characters))) \(prompt.shellQuoted)
              llama-completion -m \(file) -no-cnv -p \(prompt.shellQuoted) -n \(max(1, min(200, context - characters))) --temp 0.8
              llama-server -m \(file)

            """
        return run + contextLimit
            + "characters that the model does not know are read as \(unknown)\n"
    }

    /// What happens at the end of the context.
    private var contextLimit: String {
        let context = configuration.context
        if configuration.architecture == .modern {
            return
                "prompt and text together make sense for \(context) characters, the model's context; llama-server stops there\n"
        }
        guard context % 256 != 0 else {
            return "prompt and text together have at most \(context) characters, the model's context\n"
        }
        return """
            prompt and text together have at most \(context) characters, the model's context: llama-server stops there, but
            llama-simple and llama-completion abort; for longer texts train with --context \((context + 255) / 256 * 256)

            """
    }

    private var unknown: String {
        let vocabulary = stored.checkpoint.vocabulary
        return switch vocabulary.characters[Int(GGUFVocabulary.unknownToken(vocabulary))] {
        case " ": "spaces"
        case "\n": "line breaks"
        default: "the first that it knows"
        }
    }

    /// A text to begin with, of characters that the model knows.
    private var prompt: String {
        let vocabulary = stored.checkpoint.vocabulary
        if (try? vocabulary.encode("The ".unicodeScalars)) != nil, configuration.context > 4 { return "The " }
        let letters = vocabulary.characters.filter { $0.properties.isAlphabetic }
        return String(Character(letters.first ?? vocabulary.characters[0]))
    }
}
