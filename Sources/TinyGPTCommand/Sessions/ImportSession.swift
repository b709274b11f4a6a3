import Foundation
import TinyGPT

/// `tinygpt import` at work.
struct ImportSession {
    private let arguments: ParsedArguments
    private let directory: String
    private let model: GPT
    private let vocabulary: Vocabulary

    init(_ arguments: ParsedArguments) throws {
        guard let directory = arguments.positionals.first else {
            throw UsageError("the folder to read is missing: import --from huggingface DIR --run RUN")
        }
        self.arguments = arguments
        self.directory = directory
        (model, vocabulary) = try HuggingFaceImport.read(directory)
    }

    func run() throws {
        let settings = Preset.cpu.settings
        // No text belongs to it yet: nothing is drawn from these tokens.
        let tokens = [Int32](repeating: 0, count: model.configuration.context + 1)
        let data = Checkpoint.DataDescription(sha256: "", files: [])
        let checkpoint = Checkpoint(
            Trainer(model, tokens: tokens, settings), vocabulary: vocabulary, progress: .init(), data: data)
        let folder =
            try arguments.text("run").map { try RunFolder.create(at: $0) } ?? RunFolder.create(forText: directory)
        do {
            try write(checkpoint, settings, to: folder)
        } catch {
            // Half a run is none.
            try? FileManager.default.removeItem(atPath: folder.path)
            throw error
        }
        guard !arguments.flag("quiet") else { return }
        StandardStreams.note(
            """
            \(directory) is now the run \(folder.path). Next:
              tinygpt sample \(folder.path)
              tinygpt train TEXT --resume \(folder.path)\n
            """)
    }

    private func write(_ checkpoint: Checkpoint, _ settings: TrainingSettings, to folder: RunFolder) throws {
        try RunConfiguration(
            version: HelpText.version, started: Date(), commandLine: arguments.commandLine, model: model,
            training: settings, data: checkpoint.data
        ).write(to: folder.configurationPath)
        try checkpoint.write(to: folder.lastCheckpointPath)
    }
}
