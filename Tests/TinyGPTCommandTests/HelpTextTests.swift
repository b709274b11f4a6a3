import Testing
import TinyGPT

@testable import Console
@testable import TinyGPTCommand

@Suite("Help")
struct HelpTextTests {
    private static let help = HelpText(.tinygpt)
    private static let commands = CommandLineTool.tinygpt.commands.map(\.declaration)
    private static let names = commands.map(\.name)

    @Test("The help of a command reads so")
    func wholeText() throws {
        #expect(try shownText("runs", "--help") == runsHelp)
        #expect(try shownText("train", "--help") == trainHelp)
    }

    @Test("The defaults in the help of train are the values that training starts from", arguments: Preset.allCases)
    func trainingDefaults(preset: Preset) throws {
        let recipe = preset.recipe(vocabulary: 65, characters: 1_000_000)
        let (sizes, settings) = (recipe.model, recipe.training)
        func check(_ option: some OptionKey, _ value: some LosslessStringConvertible) {
            let text = option.declaration.defaultText ?? ""
            let words = text.split { ", ".contains($0) }.map(String.init)
            // "cpu 2000, baby 5000", or "100" for all presets.
            let shown = words.firstIndex(of: preset.rawValue).map { words[$0 + 1] } ?? words.first
            let isSame =
                shown == String(value) || shown.flatMap(Double.init).map { $0 == Double(String(value)) } == true
            #expect(isSame, "\(option.declaration.name): \(text)")
        }
        for setting in TrainCommand.modelSettings where setting.option.declaration.takesValue {
            check(setting.option, setting.text(sizes))
        }
        for setting in TrainCommand.trainingSettings where setting.option.declaration.takesValue {
            check(setting.option, setting.text(settings))
        }
        check(TrainCommand.seed, settings.seed)
    }

    @Test("The help of the program names every command and every exit code")
    func programText() throws {
        let text = try #require(try shownText("--help"))
        let lines = text.split(separator: "\n").map { $0.split(separator: " ", omittingEmptySubsequences: true) }
        for name in Self.names {
            #expect(lines.contains { $0.first == name[...] })
        }
        for code in ExitCode.allCases {
            #expect(lines.contains { $0.first == "\(code.rawValue)" })
        }
    }

    @Test("Without arguments there is a short help with two examples")
    func shortText() throws {
        let text = try #require(try shownText())
        #expect(text.contains("\n  tinygpt train "))
        #expect(text.contains("\n  tinygpt sample "))
        #expect(text.split(separator: "\n").count < 10)
    }

    @Test("Every option stands in its command's help with its explanation", arguments: names)
    func everyOption(name: String) throws {
        let declaration = try #require(Self.commands.first { $0.name == name })
        let text = try #require(try shownText(name, "-h"))
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for option in declaration.options {
            let remark = option.defaultText.map { " (default: \($0))" } ?? ""
            #expect(words.contains("\(option.synopsis) \(option.help)\(remark)"))
        }
        for positional in declaration.positionals {
            let remark = positional.defaultText.map { " (default: \($0))" } ?? ""
            #expect(words.contains("\(positional.synopsis) \(positional.help)\(remark)"))
        }
    }

    @Test("No help is wider than 80 columns or has blanks at the end of a line")
    func width() throws {
        let texts = Self.commands.map(Self.help.command) + [Self.help.long, Self.help.short]
        for line in texts.flatMap({ $0.split(separator: "\n") }) {
            #expect(line.count <= 80 && line.last != " ")
        }
    }

    @Test("The examples are right", arguments: commands.flatMap(\.examples).map(\.line))
    func examples(line: String) throws {
        let words = line.split(separator: "\"").enumerated().flatMap { index, part in
            index % 2 == 1 ? [String(part)] : part.split(separator: " ").map(String.init)
        }
        let request = try CommandLineTool.tinygpt.request(Array(words.dropFirst()))
        guard case .run = request else {
            Issue.record("\(line) runs no command")
            return
        }
    }

    @Test("Asking for help wins over everything else")
    func helpWins() throws {
        let train = Self.help.command(TrainCommand().declaration)
        #expect(try shownText("--help", "train") == train)
        #expect(try shownText("train", "--nonsense", "--steps", "x", "-h") == train)
        #expect(try shownText("-h", "--version") == Self.help.long)
        #expect(try shownText("nonsense", "--help") == Self.help.long)
        #expect(try shownText("--version", "train") == "tinygpt 0.1.0\n")
    }

    @Test("The help command prints what --help prints")
    func helpCommand() throws {
        #expect(try HelpCommand.text(about: nil, .tinygpt) == Self.help.long)
        #expect(try HelpCommand.text(about: "eval", .tinygpt) == Self.help.command(EvalCommand().declaration))
        #expect(throws: UsageError("unknown command 'trian'; did you mean 'train'?")) {
            try HelpCommand.text(about: "trian", .tinygpt)
        }
    }

    @Test("No command declares a name or a letter twice", arguments: names)
    func uniqueNames(name: String) throws {
        let options = try #require(Self.commands.first { $0.name == name }).options
        let names = options.flatMap { [$0.name] + $0.aliases }
        #expect(Set(names).count == names.count)
        let letters = options.compactMap(\.short)
        #expect(Set(letters).count == letters.count)
    }
}

private let runsHelp = """
    Usage: tinygpt runs [options]

    Lists the run folders under runs/, newest first.

    Examples:
      tinygpt runs                   a table
      tinygpt runs --html runs.html  a page that compares them
      tinygpt runs --json            one line of JSON per run

    Options:
      --html FILE                Write a page that compares the runs: charts over
                                 each other, a table to sort, settings that differ
      --json                     Print each run as a line of JSON
      --color always|never|auto  Use colors; auto follows NO_COLOR, FORCE_COLOR and
                                 the terminal (default: auto)
      --no-color                 Same as --color never
      -q, --quiet                Suppress progress and notices; print only results
                                 and errors
      -h, --help                 Print this help

    """

private let trainHelp = """
    Usage: tinygpt train [TEXT ...] [options]

    Trains a character-level GPT on text files and keeps everything in a run folder.
    Ctrl-C finishes the current step and saves; --resume continues from there.

    Examples:
      tinygpt train                             Shakespeare's sonnets, the small
                                                preset
      tinygpt train notes.txt --run runs/notes  your own text, a folder of your
                                                choice
      tinygpt train --preset baby --batch 16    a larger model, a smaller batch
      tinygpt train --resume                    continue the newest run

    Arguments:
      [TEXT ...]                  UTF-8 text files, concatenated in this order; of a
                                  folder, all .txt and .md (default: Shakespeare's
                                  sonnets)

    Common options:
      --preset cpu|baby|fast|best
                                  Defaults for the options below: cpu is nanoGPT's
                                  model for a CPU, baby its larger one, which takes
                                  hours; fast learns most in a minute or two, best
                                  in a quarter of an hour; these two look at the
                                  text's length: below 450,000 characters they are
                                  the same, and the defaults below are for a million
                                  (default: cpu)
      --steps N                   Optimizer steps in total; 0 writes the initial
                                  model (default: cpu 2000, baby 5000, fast 2300,
                                  best 1300)
      --minutes M                 Choose the steps so that training and validations
                                  end within M minutes; with a linear schedule, they
                                  are adjusted to the speed until the learning rate
                                  falls; fast and best end sooner where more steps
                                  would learn the text by heart
      --plan                      Only say what the training would take: parameters,
                                  memory, time, size of checkpoints
      --run DIR                   Folder to create for the run (default: a new one
                                  under runs/)
      --resume [RUN]              Continue a run exactly where it stopped (the
                                  newest run if RUN is omitted)
      --seed N                    Seed of all random numbers; the same seed gives
                                  the same model (default: 1337)
      --threads N                 Number of threads; results do not depend on it
                                  (default: one per core)

    Model:
      --architecture classic|modern
                                  Decoder: classic is GPT-2's, modern that of
                                  today's open models (RoPE, RMSNorm, QK-norm,
                                  SwiGLU) (default: cpu classic, baby classic, fast
                                  modern, best modern)
      --layers N                  Transformer blocks (default: cpu 4, baby 6, fast
                                  4, best 6)
      --heads N                   Attention heads in each block; must divide the
                                  width (default: cpu 4, baby 6, fast 4, best 6)
      --width N                   Channels of the residual stream (d_model)
                                  (default: cpu 128, baby 384, fast 128, best 192)
      --context N                 Context length: the characters the model sees at
                                  once (default: cpu 64, baby 256, fast 128, best
                                  256)
      --dropout P                 Dropout probability during training (default: cpu
                                  0, baby 0.2, fast 0, best 0.1)
      --tables none|bigram|trigram
                                  Add learned tables of character pairs, or of pairs
                                  and triples, to the embedding (default: cpu none,
                                  baby none, fast trigram, best bigram)
      --bias                      Add biases to linear layers and layer norms;
                                  classic only
      --tied                      Share one matrix between the embedding and the LM
                                  head

    Training:
      --batch N                   Windows of text in each batch (default: cpu 12,
                                  baby 64, fast 12, best 12)
      --accumulate N              Batches whose mean gradient makes one step
                                  (default: 1)
      --shares N                  Parts of every batch whose gradients are summed in
                                  order; as many processes can train together
                                  (mpirun) (default: 1, or the number of processes)
      --batches shuffled|random   Order of the windows: each once an epoch, or drawn
                                  at random (default: cpu shuffled, baby random,
                                  fast shuffled, best shuffled)
      --optimizer adamw|muon      Optimizer of the matrices inside blocks; all else
                                  is trained by AdamW, but tables by a form of Adam
                                  (default: cpu adamw, baby adamw, fast muon, best
                                  muon)
      --learning-rate X           Peak learning rate, reached at the end of the
                                  warm-up (default: cpu 0.003, baby 0.001, fast
                                  0.003, best 0.002)
      --min-learning-rate X       Learning rate at the end of the training (default:
                                  cpu 0, baby 0.0001, fast 0, best 0, or
                                  --learning-rate if lower)
      --warmup N                  Steps over which the learning rate rises from 0
                                  (default: cpu 100, baby 100, fast 20, best 20)
      --schedule cosine|linear    How the learning rate falls: as a cosine, or
                                  constant and then linearly (default: cpu linear,
                                  baby cosine, fast linear, best linear)
      --cooldown F                Fraction of the steps over which a linear schedule
                                  falls (default: 0.6)
      --beta1 X                   AdamW's decay of the mean gradient (default: 0.9)
      --beta2 X                   AdamW's decay of the mean squared gradient
                                  (default: 0.99)
      --weight-decay X            Weight decay of matrices, except tables
                                  (default: 0.1)
      --clip X                    Maximum global norm of the gradients (default: 1)
      --val-fraction F            Fraction of the text, at its end, held out for
                                  validation; 0 trains on all of it (default: 0.1)
      --eval-every N              Steps between validations (default: 250)
      --lines                     Each line is a text of its own, such as a name or
                                  a recipe: nothing is seen across its borders
      --patience N                Stop after N validations without a better loss
                                  (default: none)

    Output:
      --save-every N              Seconds between checkpoints; one is also saved
                                  before and after every validation (default: 60)
      --probe TEXT                Record the attention on this text at every
                                  validation, to watch heads form
      --probe-weights             Keep the weights of every validation, too: the
                                  explorer's slider then runs the model of that step
                                  on any text
      --tensorboard               Write event files for TensorBoard into the run
                                  folder: tensorboard --logdir runs
      --plain                     Print lines instead of the live board that a
                                  terminal of 20 lines shows
      --json                      Print every step as a line of JSON on standard
                                  output
      --color always|never|auto   Use colors; auto follows NO_COLOR, FORCE_COLOR and
                                  the terminal (default: auto)
      --no-color                  Same as --color never
      -q, --quiet                 Suppress progress and notices; print only results
                                  and errors
      -h, --help                  Print this help

    """
