import EmbeddedTexts
import Foundation
import Testing

@testable import TinyGPT

@Suite("The page of a run")
struct RunPageTests: TinyTraining {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A run that writes its page.
    private func run(steps: Int = 6, rate: Double = 1e-2) throws -> TrainingRun {
        let probe = String(String.UnicodeScalarView(Self.text[..<6]))
        let run = try Self.run(
            in: folder["run"], Self.settings(steps: steps, evaluateEvery: 2, rate: rate), probe: probe)
        writePage(of: run)
        return run
    }

    private func writePage(of run: TrainingRun) {
        run.writePage(
            RunConfiguration(
                version: "1", started: Date(timeIntervalSince1970: 0), commandLine: ["train"], model: run.trainer.model,
                training: run.trainer.settings, data: .init(sha256: "", files: ["</script>"])),
            settings: [.init("steps", "6", usual: "2000")], commands: [.init("Go on", "tinygpt <b>")])
    }

    /// What is in a page, as its scripts read it.
    private func data(_ html: String) throws -> [String: Any] {
        let parts = html.components(separatedBy: "id=\"data\">")
        #expect(parts.count == 2)
        let json = try #require(parts.last?.components(separatedBy: "</script>").first)
        return try #require(JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    }

    private func read() throws -> [String: Any] {
        try data(String(contentsOfFile: folder["run/index.html"], encoding: .utf8))
    }

    /// A part of a page, the keys of its objects sorted.
    private func text(_ part: Any?) throws -> String {
        let json = try JSONSerialization.data(withJSONObject: [#require(part)], options: .sortedKeys)
        return String(decoding: json, as: UTF8.self)
    }

    private func numbers(_ page: [String: Any], _ group: String, _ column: String) throws -> [Double] {
        let text = try #require((page[group] as? [String: Any])?[column] as? String)
        return text.split(separator: ",").compactMap { Double($0) }
    }

    @Test("It is there from the first validation on, and says when the run has ended")
    func states() throws {
        let run = try run()
        var states: [String] = []
        let outcome = try run.run { event in
            guard case .step(let report, _) = event, !report.step.isMultiple(of: 2) else { return }
            let page = try read()
            states.append("\(try #require(page["state"])) \(try #require(page["step"]))")
        }
        #expect(outcome != .stopped && states == ["running 0", "running 2", "running 4"])
        let page = try read()
        #expect(page["state"] as? String == "finished" && page["step"] as? Int == 6)
        #expect(try numbers(page, "training", "steps") == [1, 2, 3, 4, 5, 6])
        #expect(try numbers(page, "validations", "steps") == [0, 2, 4, 6])
        let rows = try MetricsLog.read(run.folder.metricsPath).filter { $0.split == .train }
        for (shown, row) in zip(try numbers(page, "training", "loss"), rows) { #expect(abs(shown - row.loss) < 1e-4) }
        #expect((page["samples"] as? [Any])?.count == 4)
        #expect((page["yardsticks"] as? [Double])?.count == NGramModels.order)
        #expect((page["settings"] as? [[String: String]]) == [["name": "steps", "value": "6", "usual": "2000"]])
    }

    @Test("A run that was stopped says so, and resumed it ends with the page of one that was not")
    func resumed() throws {
        var made = 0
        let first = try run()
        _ = try first.run(shouldStop: { made == 3 }) { if case .step = $0 { made += 1 } }
        #expect(try read()["state"] as? String == "stopped")
        let checkpoint = try Checkpoint(path: first.folder.lastCheckpointPath, for: .training)
        let second = try TrainingRun(
            resuming: first.folder, from: checkpoint, corpus: Self.corpus().0, settings: first.trainer.settings)
        writePage(of: second)
        var pages: [[String: Any]] = []
        _ = try second.run { if case .step = $0 { pages.append(try read()) } }
        // Until its first validation, with what was there before.
        #expect(pages.first?["state"] as? String == "running")
        #expect((pages.first?["attention"] as? [String: Any])?["step"] as? Int == 2)
        let resumed = try read()
        try FileManager.default.removeItem(atPath: folder["run"])
        _ = try run().run { _ in }
        let whole = try read()
        for key in ["samples", "attention", "verdict", "best", "state", "settings"] {
            #expect(try text(resumed[key]) == text(whole[key]))
        }
        for column in ["steps", "loss", "rate", "norm"] {
            #expect(try numbers(resumed, "training", column) == numbers(whole, "training", column))
        }
        #expect(try numbers(resumed, "validations", "loss") == numbers(whole, "validations", "loss"))
    }

    @Test("Of attention with more weights than a page holds, it says only that")
    func attentionLimit() throws {
        let (corpus, vocabulary) = try Self.corpus()
        let run = try run()
        let log = RunPageLog(
            run.folder,
            RunConfiguration(
                version: "1", started: Date(), commandLine: [], model: run.trainer.model,
                training: run.trainer.settings, data: .init(sha256: "", files: [])),
            settings: [], commands: [], corpus: corpus, vocabulary: vocabulary)
        for (count, isHeld) in [(RunPage.Attention.limit, true), (RunPage.Attention.limit + 1, false)] {
            let snapshot = AttentionSnapshot(step: 3, loss: 1, maps: Data(count: count), predictions: nil)
            log.replaceAttention(by: snapshot, on: [1, 2])
            let attention = try #require(log.page(.running).attention)
            #expect(attention.step == 3 && attention.characters.count == 2)
            #expect((attention.maps != nil) == isHeld)
        }
    }

    @Test("A run that diverges says so")
    func diverged() throws {
        let run = try run(steps: 200, rate: 1e30)
        #expect(throws: TinyGPTError.self) { try run.run { _ in } }
        let page = try read()
        #expect(page["state"] as? String == "diverged")
        #expect((page["verdict"] as? [String: Any])?["tone"] as? String == "bad")
    }

    @Test("Where it cannot be written the training goes on, and that is reported once")
    func unwritable() throws {
        let run = try run()
        try folder.write("run/index.html/taken", "a folder")
        var reasons: [String] = []
        #expect(try run.run { if case .pageFailed(let reason) = $0 { reasons.append(reason) } } != .stopped)
        #expect(reasons.count == 1 && reasons[0].contains("index.html"))
    }

    @Test("A run that begins again takes its page away")
    func beginsAgain() throws {
        let run = try run()
        try JSONEncoder.text(of: "x").write(toFile: run.folder.pagePath, atomically: false, encoding: .utf8)
        try run.folder.clear()
        #expect(FileStatus.type(at: run.folder.pagePath) == nil)
    }

    @Test("Whatever a model writes stays text, and its passages are marked")
    func escaping() throws {
        let run = try run()
        _ = try run.run { _ in }
        let (corpus, vocabulary) = try Self.corpus()
        let passages = VerbatimPassages(of: try vocabulary.encode(Self.text[5..<40]), in: corpus.train)
        let hostile = "</script><!-- <script>\0\u{1B}\u{2028}\u{202E}\"\\\n\u{7F}"
        let sample = RunPage.Sample(step: 1, hostile + String(String.UnicodeScalarView(Self.text[5..<40])), passages)
        #expect(sample.marks == [0, 35] && sample.share == 1 && sample.longest == 35)
        struct Samples: Encodable { let samples: [RunPage.Sample] }
        let html = try PageTemplate(title: "", body: EmbeddedText(), styles: [], scripts: [])
            .html(Samples(samples: [sample]))
        // The ends of the data and of the scripts.
        #expect(html.components(separatedBy: "</script>").count == 3)
        let samples = try data(html)["samples"] as? [[String: Any]]
        #expect((samples?.first?["text"] as? String)?.hasPrefix(hostile) == true)
        // The name of the text was "</script>", too.
        #expect(try read()["files"] as? [String] == ["</script>"])
    }

    @Test("Five thousand steps with a validation after each make less than a megabyte")
    func size() throws {
        let run = try run()
        let (corpus, vocabulary) = try Self.corpus()
        let configuration = RunConfiguration(
            version: "1", started: Date(), commandLine: [], model: run.trainer.model, training: run.trainer.settings,
            data: .init(sha256: "", files: []))
        let log = RunPageLog(
            run.folder, configuration, settings: [], commands: [], corpus: corpus, vocabulary: vocabulary)
        let sample = String(String.UnicodeScalarView(Self.text.prefix(200)))
        for step in 1...5000 {
            let loss = 1 + 3 / Double(step).squareRoot() + Double(step * 7919 % 1000) / 7000
            log.append(
                .init(
                    step: step, split: .train, loss: loss, learningRate: 0.001 / Double(step), gradientNorm: loss / 3,
                    tokensPerSecond: 12345.678 + loss, seconds: Double(step) / 7))
            log.append(.init(step: step, split: .validation, loss: loss + 0.1, seconds: Double(step) / 7))
            if step.isMultiple(of: 10) { log.append(step: step, sample) }
        }
        let html = try log.page(.running).html()
        #expect(html.utf8.count < 1_000_000)
        let page = try data(html)
        #expect(try numbers(page, "training", "steps").last == 5000)
        #expect(try numbers(page, "validations", "steps").last == 5000)
        #expect((page["samples"] as? [[String: Any]])?.last?["step"] as? Int == 5000)
    }
}
