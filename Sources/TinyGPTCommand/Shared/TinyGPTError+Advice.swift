import Console
import Foundation
import TinyGPT

extension TinyGPTError {
    /// Advice about an error for the user of the command line; nil where the description is enough.
    var advice: String? {
        switch self {
        case .missingInstructions:
            "Rebuild it on this computer (swift build -c release), or for any CPU: TINYGPT_CPU=none swift build -c release"
        case .trainingDiverged:
            "The last good checkpoint is kept. Try a smaller --learning-rate or a longer --warmup."
        case .evaluationDiverged:
            "Earlier checkpoints are kept. Train with a smaller --learning-rate or a longer --warmup."
        case .modelDiverged: "Train again with a smaller --learning-rate or a longer --warmup."
        case .headsDoNotDivideWidth(let heads, let width):
            "Try --width \(width < heads ? "\(heads)" : "\(width / heads * heads) or \(width / heads * heads + heads)"), "
                + "or another number of --heads."
        case .notEnoughMemory: "Choose a smaller model, --batch, --context or text, or close other programs."
        case .oddHeadWidth(let heads, let width):
            "Try --width \(heads * (width / heads + 1)), another number of --heads, or --architecture classic."
        case .biasesInModernModel: "Omit --bias, or use --architecture classic."
        case .tablesCannotBeExported:
            "To export a model, train it with --tables none; or use --to pytorch, which has a place for them."
        case .notForNanoGPT: "To export a model to nanoGPT, train it with --architecture classic --tied --tables none."
        case .tooShortToTrain: "Use a longer text, a smaller --context or a smaller --val-fraction."
        case .tooShortToValidate: "Use a longer text or a larger --val-fraction."
        case .notUTF8(let file, _, _, _, let encoding):
            "It \(encoding.map { "looks like \($0)" } ?? "may be Latin-1"); convert it: "
                + "iconv -f \(encoding ?? "LATIN1") -t UTF-8"
                + (file == "standard input" ? "" : " \(file.shellPath) > utf8.txt")
        case .missingFile: "Check the path; the working folder is \(FileManager.default.currentDirectoryPath.inOneLine)"
        case .runExists(let path): "Choose another --run, or continue this one with --resume \(path.shellPath)"
        case .runInUse: "Wait until it ends, or name another run."
        case .noRuns: "Train one: tinygpt train"
        case .noSuchRun(_, _, let others, _) where others.isEmpty, .noCheckpoint(_, let others, _) where others.isEmpty:
            "There are no runs yet; train one: tinygpt train"
        case .fileIsNotARun(let path):
            path.hasSuffix(".safetensors")
                ? "Name its folder: \(FileStatus.parentFolder(of: path).shellPath)"
                : "Name the run before the text: RUN \(path.shellPath)"
        default: nil
        }
    }
}
