import Foundation
import Testing

@testable import TinyGPT

/// Files that claim what cannot be. The fuzzer (`scripts/fuzz-files.sh`) tries thousands; here is one of each kind.
@Suite("Files that cannot be believed")
struct HostileFilesTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let vocabulary = Vocabulary(text: "ab c".unicodeScalars)

    private func checkpoint(
        context: Int = 6, width: Int = 8, tables: GPT.Configuration.Tables = .none
    ) throws -> Checkpoint {
        let model = try GPT(
            GPT.Configuration(vocabulary: 4, layers: 2, heads: 2, width: width, context: context, tables: tables),
            seed: 1)
        var progress = Checkpoint.Progress()
        (progress.step, progress.bestStep, progress.bestLoss) = (10, 10, 1.5)
        return Checkpoint(
            model, Optimizer(model.parameters), vocabulary: Self.vocabulary,
            settings: Preset.cpu.recipe(characters: 0).training,
            progress: progress, data: .init(sha256: "0a", files: ["/text"]))
    }

    private func contents(tables: GPT.Configuration.Tables = .none) throws -> Safetensors {
        try checkpoint(tables: tables).write(to: folder["checkpoint"])
        return try Safetensors.read(from: folder["checkpoint"])
    }

    /// What is wrong with a checkpoint, after its name.
    private func problem(_ contents: Safetensors) throws -> String? {
        let path = folder["changed"]
        try contents.write(to: path)
        let error = userError {
            _ = try Checkpoint(path: path, for: .training).trainer(
                tokens: [0, 1, 2, 3, 0, 1, 2], settings: Preset.cpu.recipe(characters: 0).training)
        }
        #expect(error == nil || error?.kind == .badData)
        let prefix = "'\(path)' is a damaged checkpoint: "
        #expect(error == nil || error?.description.hasPrefix(prefix) == true)
        return error.map { String($0.description.dropFirst(prefix.count)) }
    }

    @Test(
        "Every value in a checkpoint has the range that it has on the command line",
        arguments: [
            (
                "configuration", #""layers":2"#, #""layers":65"#,
                "invalid model size: layers must be from 1 to 64, got 65"
            ),
            ("configuration", #""context":6"#, #""context":65537"#, "context must be from 1 to 65536, got 65537"),
            ("configuration", #""width":8"#, #""width":16385"#, "width must be from 1 to 16384, got 16385"),
            ("configuration", #""heads":2"#, #""heads":3"#, "a width of 8 is not divisible by 3 heads"),
            ("configuration", #""dropout":0"#, #""dropout":0.99999999999"#, "below 1, got 1.0"),
            ("settings", #""batch":12"#, #""batch":65537"#, "batch 65537, expected 1 to 65536"),
            (
                "settings", #""lowest":0"#, #""lowest":0.1"#,
                "minimum learning rate 0.1, expected at most the peak of 0.003"
            ),
            ("settings", #""clip":1"#, #""clip":1e-60"#, "clip 1e-60, expected a finite number above 0"),
            ("settings", #""steps":2000"#, #""steps":1000000001"#, "expected 0 to 1000000000"),
            ("settings", #""steps":2000"#, #""steps":9"#, "step 10, expected at most the 9 steps of its settings"),
            ("settings", #""seed":1337"#, #""seed":1,"seed":2"#, "the name 'seed' occurs twice"),
            ("settings", #""steps":2000,"#, "", "'steps' is missing"),
            ("settings", #""steps":2000"#, #""steps":"2000""#, "a value of another type in 'steps'"),
            ("progress", #""seconds":0"#, #""seconds":-1"#, "-1.0 seconds, expected a finite number of at least 0"),
            ("progress", #""bestStep":10"#, #""bestStep":11"#, "best step 11, expected 0 to 10"),
            ("progress", #","bestStep":10"#, "", "a best loss without its step"),
            ("progress", #""bestLoss":1.5"#, #""bestLoss":1e999"#, "expected a number of 64 bits"),
            ("data", "0a", "0G", "the SHA-256 '0G'"),
            ("data", #"["\/text"]"#, #"["a\u0000"]"#, "expected a path of 1 to 4096 bytes"),
        ])
    func values(key: String, old: String, new: String, expected: String) throws {
        var contents = try contents()
        let json = try #require(contents.metadata[key])
        #expect(json.contains(old), "\(json)")
        contents.metadata[key] = json.replacing(old, with: new)
        let problem = try #require(try problem(contents))
        #expect(problem.contains(expected), "\(problem)")
    }

    @Test("A configuration that leaves out a layer or a head of the tensors is refused")
    func unusedTensors() throws {
        var contents = try contents()
        #expect(try problem(contents) == nil)
        let json = try #require(contents.metadata["configuration"])
        contents.metadata["configuration"] = json.replacing(#""layers":2"#, with: #""layers":1"#)
        #expect(
            try problem(contents) == "its configuration does not account for 'blocks.1.attention.projection.weight'")
        contents.metadata["configuration"] = json.replacing(#""tied":false"#, with: #""tied":true"#)
        #expect(try problem(contents) == "its configuration does not account for 'head.weight'")
    }

    @Test("A mean of squares below zero is refused")
    func negativeMoment() throws {
        var contents = try contents()
        contents.tensors["optimizer.second_moment.norm.weight"]?.values[3] = -1
        #expect(
            try problem(contents)
                == "'optimizer.second_moment.norm.weight' has the value -1.0, expected at least 0")
    }

    @Test(
        "A row of a table that was used in a step to come, or before the first, is refused", arguments: [11, 1e30, -1])
    func laterRow(step: Float) throws {
        var contents = try contents(tables: .bigram)
        contents.tensors["optimizer.last_step.bigrams.weight"]?.values[3] = step
        let bound = step < 0 ? "at least 0" : "at most the 10 steps made"
        #expect(
            try problem(contents)
                == "'optimizer.last_step.bigrams.weight' has the value \(step), expected \(bound)")
    }

    @Test("A width without its tensors is refused before the table of positions is made", .timeLimit(.minutes(1)))
    func sizesBeforeTables() throws {
        // 4 GB of positions, if they came first.
        var contents = try contents()
        let json = try #require(contents.metadata["configuration"])
        contents.metadata["configuration"] =
            json.replacing(#""context":6"#, with: #""context":65536"#).replacing(#""width":8"#, with: #""width":16384"#)
        contents.tensors["embedding.weight"] = .init(
            shape: [4, 16384], values: [Float](repeating: 0, count: 4 * 16384))
        #expect(try problem(contents)?.hasSuffix("should have the shape (16384), got [8]") == true)
    }

    @Test(
        "A header with too many names, or with more than this program writes, is refused at once",
        .timeLimit(.minutes(1)))
    func largeHeaders() throws {
        func read(_ header: String) throws -> String? {
            let count = header.utf8.count
            let length = (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
            let path = try folder.write("header", length + Array(header.utf8))
            let error = userError { _ = try Safetensors.read(from: path) }
            #expect(error.map { $0.kind == .badData && $0.description.count < 500 + path.count } == true)
            return error?.description
        }
        let pairs = (0..<200_000).map { "\"k\($0)\":\"\"" }.joined(separator: ",")
        #expect(try read("{\"__metadata__\":{\(pairs)}}")?.contains("at most 100000 names") == true)
        #expect(
            try read("{" + String(repeating: " ", count: 1 << 24) + "}")?.contains("at most 16777216 bytes") == true)
        let name = String(repeating: "n", count: 5_000_000)
        #expect(
            try read("{\"\(name)\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}")?.contains("nnn…'")
                == true)
        let axes = String(repeating: "1,", count: 1_000_000) + "1"
        #expect(
            try read("{\"a\":{\"dtype\":\"F32\",\"shape\":[\(axes)],\"data_offsets\":[0,4]}}")?.contains("at most 16")
                == true)
    }

    @Test("Values that no memory holds are refused before the first is read")
    func endlessValues() throws {
        let header = #"{"a":{"dtype":"F32","shape":[250000000000],"data_offsets":[0,1000000000000]}}"#
        let path = try folder.write(
            "endless", [UInt8(header.utf8.count)] + [UInt8](repeating: 0, count: 7) + Array(header.utf8))
        #expect(truncate(path, off_t(8 + header.utf8.count + 1_000_000_000_000)) == 0)
        let error = userError { _ = try Safetensors.read(from: path) }
        #expect(error?.kind == .failure)
        #expect(error?.description.hasPrefix("reading '\(path)' needs 1000 GB of memory") == true)
        #expect(try Safetensors.read(from: path, where: { _ in false }).tensors.isEmpty)
    }

    @Test("Names that only Unicode holds to be one are refused, because one of them would be lost")
    func equivalentNames() throws {
        func entry(_ name: String, _ begin: Int) -> String {
            "\"\(name)\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[\(begin),\(begin + 4)]}"
        }
        for header in ["{\(entry("K", 0)),\(entry("\u{212A}", 4))}", #"{"__metadata__":{"K":"","\u212a":""}}"#] {
            #expect(throws: TinyGPTError.self) { _ = try SafetensorsHeader(parsing: Array(header.utf8), name: "x") }
        }
    }

    @Test("The configuration of a run has the ranges of the command line")
    func runConfiguration() throws {
        let path = folder["config.json"]
        try RunConfiguration(
            version: "1", started: Date(), commandLine: ["train"], model: try checkpoint().model(),
            training: Preset.cpu.recipe(characters: 0).training, data: .init(sha256: "", files: [])
        ).write(to: path)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(throws: Never.self) { _ = try RunConfiguration(path: path) }
        for (old, new) in [
            ("\"batch\" : 12", "\"batch\" : 0"), ("\"layers\" : 2", "\"layers\" : 2097152"),
            ("\"parameters\" : ", "\"parameters\" : -"), ("\"steps\" : 2000", "\"steps\" : 2000, \"steps\" : 1"),
            ("\"steps\" : 2000", "\"steps\" : NaN"), ("{", String(repeating: "[", count: 100_000)),
        ] {
            #expect(text.contains(old))
            try folder.write("config.json", text.replacing(old, with: new, maxReplacements: 1))
            let error = userError { _ = try RunConfiguration(path: path) }
            #expect(error?.kind == .badData, "\(new)")
            #expect(error?.description.hasPrefix("'\(path)' is not the configuration of a run") == true)
        }
    }

    @Test("A probe's log must fit the run: its characters, its weights, steps that do not fall")
    func probeLog() throws {
        let (path, checkpoint) = (folder["probe.jsonl"], try checkpoint())
        do {
            let log = try ProbeLog(creatingAt: path, text: "ab")
            for step in [0, 5, 10] {
                try log.append(AttentionSnapshot(checkpoint.model(), [0, 1], step: step, loss: 2))
            }
        }
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(try ProbeLog.read(path, for: checkpoint).snapshots.map(\.step) == [0, 5, 10])
        for (old, new, problem) in [
            ("\"text\":\"ab\"", "\"text\":\"az\"", "line 1 has an empty text, or one with"),
            ("\"text\":\"ab\"", "\"text\":\"\"", "line 1 has an empty text, or one with"),
            ("\"text\":\"ab\"", "\"text\":\"abc\"", "line 2 has 12 weights at step 0, expected 24"),
            ("\"step\":5", "\"step\":11", "line 4 has step 10, expected 11 to"),
            ("\"step\":5", "\"step\":-5", "line 3 has step -5"),
            ("\"loss\":2", "\"loss\":1e400", "line 2 is malformed: at byte"),
            ("\"maps\":\"", "\"maps\":\"*", "maps in base64"),
            ("\"predictions\":\"", "\"predictions\":\"*", "predictions in base64"),
            ("\"predictions\":\"", "\"predictions\":\"AAAA", "line 2 has predictions at step 0 that are not"),
            ("\"predictions\":\"AAAAA", "\"predictions\":\"AAAA/", "line 2 has predictions at step 0 that are not"),
        ] {
            #expect(text.contains(old))
            try folder.write("probe.jsonl", text.replacing(old, with: new, maxReplacements: 1))
            for read in [
                { _ = try ProbeLog.read(path, for: checkpoint) },
                { _ = try ProbeLog(resumingAt: path, from: checkpoint) },
            ] {
                let error = userError(read)
                #expect(error?.kind == .badData)
                #expect(
                    error?.description.contains(problem) == true, "\(error?.description ?? "taken"), not \(problem)")
            }
        }
    }

    @Test(
        "A step or a number that no table has is refused",
        arguments: ["-1,train,1,,,,", "1000000001,val,1,,,,", "1,train,1,-1,,,"])
    func metrics(line: String) throws {
        let path = try folder.write("metrics.csv", "\(MetricsLog.header)\n\(line)\n")
        #expect(userError { _ = try MetricsLog.read(path) }?.description.contains("has in line 2 '\(line)'") == true)
    }
}
