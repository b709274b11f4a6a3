/// Errors in settings, texts, files and memory, which a caller can handle. Programmer errors are preconditions instead.
///
/// ``description`` says what is wrong, where, what was expected and what was found. It names no options of a command line; a
/// command-line tool adds advice from the case's values.
public enum TinyGPTError: Error, Equatable {
    // MARK: The model and its training

    /// The kernels use an instruction set that this CPU lacks.
    case missingInstructions(String)
    /// A training step's loss or gradient norm is not finite; the model is as it was before the step, which counts from 1.
    case trainingDiverged(step: Int, loss: Double, gradientNorm: Double, learningRate: Double)
    /// The loss of a model on a text is not finite.
    case evaluationDiverged
    /// A model's logits are not finite, so there is nothing to inspect or sample.
    case modelDiverged
    /// A size of a model is out of range.
    case invalidSize(name: String, size: Int, largest: Int)
    /// The attention heads do not divide the width.
    case headsDoNotDivideWidth(heads: Int, width: Int)
    /// The channels of a head cannot be rotated in pairs.
    case oddHeadWidth(heads: Int, width: Int)
    /// A modern model with biases, of which it has none.
    case biasesInModernModel
    /// A model with tables of n-grams, which formats of other programs have no place for.
    case tablesCannotBeExported
    /// A model that nanoGPT has no class for.
    case notForNanoGPT(reason: String)
    /// A dropout rate is not in 0..<1.
    case invalidDropout(Float)
    /// Started by `mpirun` as one of several processes, with this number, on the computer `host`, but the others cannot be reached.
    case cannotJoinProcesses(number: Int, host: String, reason: String)
    /// The parameters after a step are not the same on all processes.
    case processesDiffer(step: Int)
    /// A hyperparameter of a training is out of range; `problem` says which, the value and the range.
    case invalidSettings(problem: String)
    /// A model has no layer or head of this number; `part` is which of the two.
    case noSuchPart(part: String, number: Int, count: Int)

    // MARK: Texts

    /// The validation fraction is not between 0 and 1.
    case invalidValidationFraction(Double)
    /// Too few characters to train on for a window of the context and its last target.
    case tooShortToTrain(train: Int, validation: Int, fraction: Double, context: Int)
    /// Fewer than two characters to validate on.
    case tooShortToValidate(train: Int, validation: Int, fraction: Double)
    /// Too few lines, each a text of its own, to train on some and validate on others.
    case tooFewLines(Int, fraction: Double)
    /// The longest line, as a text of its own, does not fit the context.
    case lineTooLong(String, context: Int)
    /// Fewer than two characters to measure a model on.
    case tooShortToMeasure(characters: Int)
    /// A text of one character, repeated.
    case uniformText(character: String, count: Int)
    /// Characters that are not in the vocabulary: each with its position, and the vocabulary as text.
    case unknownCharacters(places: [String], vocabulary: String, count: Int)
    /// No text at all; `place` says where it was looked for.
    case emptyText(place: String)
    /// A folder has no file that is a text by its name; with the number of others.
    case folderWithoutText(String, others: Int)
    /// A file that is not UTF-8, with the offset and line of the first bad byte and, if there is a byte-order mark, its encoding.
    case notUTF8(file: String, byte: UInt8, offset: Int, line: Int, encoding: String?)
    /// Standard input is named more than once.
    case standardInputTwice

    // MARK: Files and folders

    /// Nothing is at a path.
    case missingFile(String)
    /// A folder where a file is expected.
    case isFolder(String)
    /// The system refused to read; with its reason.
    case cannotRead(String, reason: String)
    /// The system refused to create; with its reason.
    case cannotCreate(String, reason: String)
    /// Writing failed part way; with the system's reason.
    case cannotWrite(String, reason: String)
    /// The folder to create exists and is not empty.
    case folderNotEmpty(String)
    /// The contents of a file are not what they should be.
    case badFile(String, problem: String)

    // MARK: Memory

    /// Work needs more memory than there is; sizes in bytes.
    case notEnoughMemory(for: String, needed: Int, available: Int)

    // MARK: Runs

    /// The folder for a new run exists and is not empty.
    case runExists(String)
    /// Another process writes to the run.
    case runInUse(String)
    /// No run in a folder has a checkpoint.
    case noRuns(in: String)
    /// No run has this name; with up to five others, and whether those contain the name.
    case noSuchRun(String, in: String, others: [String], areSimilar: Bool)
    /// A run has no checkpoint of the kind asked for; with up to five others that have one.
    case noCheckpoint(in: String, others: [String], areSimilar: Bool)
    /// A file where a run is expected.
    case fileIsNotARun(String)
}

extension TinyGPTError: CustomStringConvertible {
    /// The class of an error, which a command-line tool turns into an exit code.
    public enum Kind: Sendable {
        /// The work itself failed: training diverged, for example.
        case failure
        /// Settings that contradict each other or that no model can have.
        case usage
        /// A text, a checkpoint or another input that is not what it should be.
        case badData
        /// An input that is not there.
        case missingInput
        /// An output that cannot be created.
        case cannotCreate
        /// Reading or writing failed part way.
        case inputOutput
    }

    /// The class of the error.
    public var kind: Kind {
        switch self {
        case .missingInstructions, .cannotJoinProcesses, .processesDiffer, .trainingDiverged, .evaluationDiverged,
            .notEnoughMemory:
            .failure
        case .invalidSize, .headsDoNotDivideWidth, .oddHeadWidth, .biasesInModernModel, .tablesCannotBeExported,
            .notForNanoGPT, .invalidDropout,
            .invalidSettings,
            .noSuchPart, .invalidValidationFraction, .standardInputTwice:
            .usage
        case .tooShortToTrain, .tooShortToValidate, .tooFewLines, .lineTooLong, .tooShortToMeasure, .uniformText,
            .unknownCharacters, .emptyText, .folderWithoutText,
            .notUTF8, .badFile, .modelDiverged:
            .badData
        case .missingFile, .isFolder, .noRuns, .noSuchRun, .noCheckpoint, .fileIsNotARun: .missingInput
        case .cannotCreate, .folderNotEmpty, .runExists, .runInUse: .cannotCreate
        case .cannotRead, .cannotWrite: .inputOutput
        }
    }

    /// One or two lines: what, where, expected and got.
    public var description: String {
        switch self {
        case .missingInstructions(let name):
            "this program was compiled for \(name) instructions, which this CPU does not have"
        case .trainingDiverged(let step, let loss, let norm, let rate):
            """
            training diverged at step \(step): loss \(loss), gradient norm \(norm), learning rate \(rate)
            """
        case .evaluationDiverged: "the model has diverged: its loss on the text is not finite"
        case .modelDiverged: "the model has diverged: its logits are not finite"
        case .invalidSize(let name, let size, let largest):
            "invalid model size: \(name) must be from 1 to \(largest), got \(size)"
        case .headsDoNotDivideWidth(let heads, let width): "a width of \(width) is not divisible by \(heads) heads"
        case .oddHeadWidth(let heads, let width):
            """
            with \(heads) heads and a width of \(width), each head has \(width / heads) channels; a modern model rotates \
            channels in pairs and needs an even number
            """
        case .biasesInModernModel: "a modern model has no biases"
        case .tablesCannotBeExported:
            "the model adds tables of character pairs or triples to its embedding; GPT-2 and Qwen3 have no place for them"
        case .notForNanoGPT(let reason): reason
        case .invalidDropout(let rate): "the dropout rate must be at least 0 and below 1, got \(rate)"
        case .invalidSettings(let problem): "invalid training settings: \(problem)"
        case .cannotJoinProcesses(let number, let host, let reason): "process \(number), on \(host): \(reason)"
        case .processesDiffer(let step):
            "after step \(step) the parameters are not the same on all processes: one of them has computed or received something else"
        case .noSuchPart(let part, let number, let count):
            "there is no \(part) \(number): the model has \(count), numbered 0 to \(count - 1)"
        case .invalidValidationFraction(let fraction):
            "the validation fraction must be of at least 0 and below 1, such as 0.1, got \(fraction)"
        case .tooShortToTrain(let train, let validation, let fraction, let context):
            """
            the text is too short; \(Self.split(train, validation, fraction)), but a context of \(context) needs at least \
            \(context + 1) for training
            """
        case .tooShortToValidate(let train, let validation, let fraction):
            "the text is too short; \(Self.split(train, validation, fraction)), but validation needs at least 2"
        case .tooFewLines(let count, let fraction):
            "the text has \(count) line\(count == 1 ? "" : "s") that \(count == 1 ? "is" : "are") not empty: too few for some to train on and "
                + "a fraction of \(fraction) to validate on"
        case .lineTooLong(let line, let context):
            "a line of the text, '\(line.excerpt)', has \(line.unicodeScalars.count) characters, and as a text of its own needs a "
                + "context of at least \(line.unicodeScalars.count + 1), got \(context)"
        case .tooShortToMeasure(let count):
            "the text is too short: it has \(count) character\(count == 1 ? "" : "s"), but a prediction needs at least 2"
        case .uniformText(let character, let count):
            """
            the text consists of one character, \(character), repeated \(count) times: there is nothing to learn; expected at \
            least two different characters
            """
        case .unknownCharacters(let places, let vocabulary, let count): Self.unknown(places, vocabulary, count)
        case .folderWithoutText(let path, let others):
            "the folder \(path.quoted) has no text: expected a file whose name ends with \(TextFiles.endings.joined(separator: " or ")); it has "
                + "\(others) other file\(others == 1 ? "" : "s")"
        case .emptyText(let place): "there is no text: \(place); expected a file that contains text"
        case .notUTF8(let file, let byte, let offset, let line, _):
            "\(file.inOneLine) is not UTF-8: invalid byte 0x\(String(byte, radix: 16, uppercase: true)) at byte offset \(offset) "
                + "(line \(line))"
        case .standardInputTwice: "'-' (standard input) is given twice, but it can be read only once"
        case .missingFile(let path): "there is no file \(path.quoted)"
        case .isFolder(let path): "\(path.quoted) is a folder, not a file; name the files in it instead"
        case .cannotRead(let path, let reason): "cannot read \(Self.quoted(path)): \(reason)"
        case .cannotCreate(let path, let reason): "cannot create \(path.quoted): \(reason)"
        case .cannotWrite(let path, let reason): "cannot write to \(Self.quoted(path)): \(reason)"
        case .folderNotEmpty(let path):
            "\(path.quoted) exists and is not an empty folder; existing folders are not overwritten; choose another name"
        case .notEnoughMemory(let purpose, let needed, let available):
            "\(purpose) needs \(Self.megabytes(needed)) of memory, but only \(Self.megabytes(available)) is available"
        case .badFile(let path, let problem): "\(Self.quoted(path)) \(problem)"
        case .runExists(let path): "the run folder \(path.quoted) already exists and is not empty"
        case .runInUse(let path): "another process is training the run \(path.quoted)"
        case .noRuns(let base): "there is no run with a checkpoint in \(base.quoted)"
        case .noSuchRun(let name, let base, let others, let areSimilar):
            "there is no run \(name.quoted) here or in \(base.quoted)" + Self.suggestion(others, areSimilar)
        case .noCheckpoint(let path, let others, let areSimilar):
            "there is no checkpoint in \(path.quoted): expected checkpoint-last.safetensors or checkpoint-best.safetensors"
                + Self.suggestion(others, areSimilar)
        case .fileIsNotARun(let path): "expected a run, but \(path.quoted) is a file"
        }
    }

    /// A size in megabytes, from ten thousand on in gigabytes.
    private static func megabytes(_ bytes: Int) -> String {
        let megabytes = Double(bytes) / 1e6
        return megabytes < 10_000 ? "\(Int(megabytes.rounded(.up))) MB" : "\(Int((megabytes / 1000).rounded(.up))) GB"
    }

    /// A path between quotes; the standard streams have none.
    private static func quoted(_ path: String) -> String {
        ["standard input", "standard output", "standard error"].contains(path) ? path : path.quoted
    }

    private static func split(_ train: Int, _ validation: Int, _ fraction: Double) -> String {
        "it has \(train + validation) characters: \(train) for training and \(validation) for validation (fraction \(fraction))"
    }

    private static func unknown(_ places: [String], _ vocabulary: String, _ count: Int) -> String {
        let shown = 5
        let rest = places.count > shown ? " and \(places.count - shown) more" : ""
        let noun = places.count == 1 ? "a character" : "characters"
        return """
            the text contains \(noun) the model does not know: \(places.prefix(shown).joined(separator: ", "))\(rest) (counting \
            from 0).
            The model knows \(count == 1 ? "one" : "these \(count)"): \(vocabulary)
            """
    }

    private static func suggestion(_ others: [String], _ areSimilar: Bool) -> String {
        guard !others.isEmpty else { return "" }
        return (areSimilar ? "\nDid you mean one of these? " : "\nThe newest runs are: ")
            + others.map(\.inOneLine).joined(separator: ", ")
    }
}
