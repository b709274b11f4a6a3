import EmbeddedTexts
import Foundation

/// The page of a run, `index.html` in its folder: one file that needs nothing else, to watch a training and to look back at it.
///
/// Its parts are real files in `Parts/`, compiled into the program.
public struct RunPage: Encodable {
    /// Whether a training goes on, and how it ended.
    public enum State: Equatable, Sendable {
        case running, finished, stopped
        /// The loss of a step was not finite.
        case diverged(step: Int)
        /// An error ended it; the page quotes what it said.
        case failed(String)
    }

    /// A setting of the model or the training, as text.
    public struct SettingRow: Encodable, Equatable, Sendable {
        /// The setting's name.
        public let name: String
        /// Its value, as it would be typed.
        public let value: String
        /// What the preset has, where it is known.
        let usual: String?

        /// - Parameters:
        ///   - name: The setting's name.
        ///   - value: Its value, as it would be typed.
        ///   - usual: What the preset has; nil where that is not known.
        public init(_ name: String, _ value: String, usual: String? = nil) {
            (self.name, self.value, self.usual) = (name, value, usual)
        }
    }

    /// A command to go on with.
    public struct CommandRow: Encodable, Equatable, Sendable {
        let purpose: String
        let line: String

        /// - Parameters:
        ///   - purpose: What it is for, in a few words.
        ///   - line: The command, to be pasted into a shell.
        public init(_ purpose: String, _ line: String) { (self.purpose, self.line) = (purpose, line) }
    }

    /// The numbers of the training steps: a column for each measurement, an entry for each point.
    struct Training: Encodable {
        let steps, seconds, loss, lowest, highest, rate, norm, speed: NumberColumn

        init(_ points: [ThinnedMetrics.Point]) {
            steps = NumberColumn(points.map(\.step))
            seconds = NumberColumn(points.map(\.seconds))
            loss = NumberColumn(points.map(\.loss))
            lowest = NumberColumn(points.map(\.lowest))
            highest = NumberColumn(points.map(\.highest))
            rate = NumberColumn(points.map(\.learningRate))
            norm = NumberColumn(points.map(\.gradientNorm))
            speed = NumberColumn(points.map(\.speed))
        }
    }

    /// Losses over the training.
    struct Curve: Encodable {
        let steps, seconds, loss: NumberColumn

        init(_ rows: [MetricsLog.Row]) { self.init(rows.map { ($0.step, $0.seconds ?? .nan, $0.loss) }) }

        init(_ points: [ThinnedMetrics.Point]) { self.init(points.map { ($0.step, $0.seconds, $0.loss) }) }

        private init(_ points: [(step: Int, seconds: Double, loss: Double)]) {
            steps = NumberColumn(points.map(\.step))
            seconds = NumberColumn(points.map(\.seconds))
            loss = NumberColumn(points.map(\.loss))
        }
    }

    /// What the model wrote at a validation, and what of it stands in the training text.
    struct Sample: Encodable {
        let step: Int
        let text: String
        /// The length of the longest passage that stands there, and the part of all passages of ``VerbatimPassages/passageLength``.
        let longest: Int
        let share: Double
        /// The characters that are in one: the first of some, the first after them, and so on.
        let marks: [Int]
        /// Where every line is a text of its own, how many whole ones there are; those that stand in the training text are marked.
        let lines: Int?

        init(step: Int, _ text: String, _ passages: VerbatimPassages) {
            (self.step, self.text, longest, lines) = (step, text, passages.longest, nil)
            share = (passages.share * 1e3).rounded() / 1e3
            let marks = passages.marks
            self.marks = (0...marks.count).filter { place in
                (place > 0 && marks[place - 1]) != (place < marks.count && marks[place])
            }
        }

        init(step: Int, _ text: String, linesOf tokens: [Int32], in training: TokenArray, lineBreak: Int32) {
            (self.step, self.text, longest, share) = (step, text, 0, 0)
            // The last is not complete.
            let whole = tokens.split(separator: lineBreak, omittingEmptySubsequences: false).dropLast()
            let known = training.lines(among: Set(whole.map(Array.init)), lineBreak: lineBreak)
            lines = whole.count { !$0.isEmpty }
            marks = whole.filter { known.contains(Array($0)) }.flatMap { [$0.startIndex, $0.endIndex] }
        }
    }

    /// The attention of every head on the text of the probe, at the newest validation.
    struct Attention: Encodable {
        let step: Int
        let layers, heads: Int
        let characters: [String]
        /// As in ``AttentionSnapshot``; nil where they have more bytes than a page holds.
        let maps: Data?

        /// The most bytes of maps that a page holds.
        static let limit = 100_000
    }

    var name: String
    var state: String
    /// What ended the run, where that was an error.
    var problem: String?
    var verdict: RunVerdict
    var step: Int
    var steps: Int
    var evaluateEvery: Int
    /// When the page was written, in seconds since 1970.
    var written: Int
    var started: String
    var version: String
    var seconds: Double
    var best: RunSummary.Measurement?
    var parameters: Int
    var vocabulary: Int
    /// Characters to train on and to validate on.
    var trained: Int
    var validated: Int
    var files: [String]
    var passageLength = VerbatimPassages.passageLength
    /// The losses of n-gram models from order 1; empty where they were not counted.
    var yardsticks: [Double]
    /// The characters that were counted for them.
    var counted: Int
    var training: Training
    var validations: Curve
    var samples: [Sample]
    var attention: Attention?
    var settings: [SettingRow]
    var commands: [CommandRow]

    private static let template = PageTemplate(
        title: "TinyGPT run", body: runHTML(), styles: [pageStyle(), chartStyle(), runStyle()],
        scripts: [chartScripts(), runScripts()])

    /// The page as one HTML document, with its data, styles and scripts inside; it loads nothing.
    ///
    /// - Returns: The text of the file.
    /// - Throws: What the JSON encoder throws.
    func html() throws -> String { try Self.template.html(self) }
}

extension RunPage.State {
    /// The word on the page.
    var name: String {
        switch self {
        case .running: "running"
        case .finished: "finished"
        case .stopped: "stopped"
        case .diverged: "diverged"
        case .failed: "failed"
        }
    }
}
