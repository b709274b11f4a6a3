import Foundation
import Testing

@testable import TinyGPT

@Suite("Run folders")
struct RunFolderTests {
    let folder: TemporaryFolder
    let base: String

    init() throws {
        folder = try TemporaryFolder()
        base = folder["runs"]
    }

    /// A run with a checkpoint saved so many seconds after a fixed moment.
    @discardableResult
    private func makeRun(_ name: String, age: Double, checkpoint: String = "checkpoint-last.safetensors") throws
        -> String
    {
        let path = try folder.write("runs/\(name)/\(checkpoint)", "x")
        let date = Date(timeIntervalSince1970: 1_700_000_000 - age)
        try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: path)
        return folder["runs/\(name)"]
    }

    @Test("A new run gets its folder and those above it")
    func creating() throws {
        let run = try RunFolder.create(at: folder["a/b/c"])
        #expect(FileStatus.type(at: folder["a/b/c"]) == S_IFDIR)
        #expect(run.name == "c")
        #expect(run.configurationPath == folder["a/b/c/config.json"])
        #expect(run.metricsPath == folder["a/b/c/metrics.csv"])
        #expect(run.lastCheckpointPath == folder["a/b/c/checkpoint-last.safetensors"])
        #expect(run.bestCheckpointPath == folder["a/b/c/checkpoint-best.safetensors"])
        #expect(run.samplesPath == folder["a/b/c/samples.txt"])
        #expect(try RunFolder.create(at: folder["a/b/c/"]).name == "c", "an empty folder will do")
    }

    @Test("A folder with something in it is never taken")
    func neverOverwrites() throws {
        try folder.write("full/x", "x")
        let error = userError { _ = try RunFolder.create(at: folder["full"]) }
        #expect(error?.kind == .cannotCreate)
        #expect(error == .runExists(folder["full"]))
    }

    @Test("A file in the way, of the folder or of one above it, is named")
    func fileInTheWay() throws {
        let file = try folder.write("file", "x")
        let error = userError { _ = try RunFolder.create(at: file) }
        #expect(error?.kind == .cannotCreate)
        #expect(error?.description.contains("'\(file)': a file with that name exists") == true)
        let below = userError { _ = try RunFolder.create(at: file + "/run") }
        #expect(below?.kind == .cannotCreate)
        #expect(below?.description.contains("Not a directory") == true)
        #expect(userError { _ = try RunFolder.create(at: "") }?.kind == .cannotCreate)
    }

    @Test("A run without a name gets the local time and the name of the text, numbered when that is taken")
    func defaultName() throws {
        let date = Date(timeIntervalSince1970: 1_700_000_000)
        let zone = try #require(TimeZone(secondsFromGMT: 3600))
        let names = try (1...3).map { _ in
            try RunFolder.create(forText: "data/shakespeare.txt", in: base, at: date, timeZone: zone).name
        }
        #expect(
            names == [
                "20231114-231320-shakespeare", "20231114-231320-shakespeare-2", "20231114-231320-shakespeare-3",
            ])
    }

    static let textNames = [
        ("standard input", "standard-input"), ("a/b.tar.gz", "b-tar"), ("/x/.hidden", "hidden"),
        ("my notes (1).md", "my-notes-1"),
        ("--", "text"), ("Faust_II.txt", "Faust_II"), ("tölgy.txt", "tölgy"), ("a;rm -rf $HOME.txt", "a-rm-rf-HOME"),
        (String(repeating: "x", count: 300), String(repeating: "x", count: 40)),
    ]

    @Test("The name of any text makes a name to type", arguments: textNames)
    func readableName(text: String, name: String) throws {
        let run = try RunFolder.create(forText: text, in: base, at: Date(timeIntervalSince1970: 0), timeZone: .gmt)
        #expect(run.name == "19700101-000000-\(name)")
    }

    @Test("Runs are listed from the newest checkpoint to the oldest, those without one last, other folders not")
    func listing() throws {
        #expect(try RunFolder.list(in: base).isEmpty)
        try makeRun("old", age: 300)
        try makeRun("new", age: 100, checkpoint: "checkpoint-best.safetensors")
        try makeRun("middle", age: 200)
        try folder.write("runs/started/config.json", "{}")
        try folder.write("runs/other/readme", "x")
        try folder.write("runs/README.md", "x")
        #expect(try RunFolder.list(in: base).map(\.name) == ["new", "middle", "old", "started"])
    }

    @Test("A run is found by its path, by its name, or as the one whose checkpoint is newest")
    func finding() throws {
        let old = try makeRun("old", age: 300)
        let new = try makeRun("new", age: 100)
        try folder.write("runs/started/config.json", "{}")
        #expect(try RunFolder.find(nil, in: base).path == new)
        #expect(try RunFolder.find("old", in: base).path == old)
        #expect(try RunFolder.find("old/", in: base).name == "old")
        #expect(try RunFolder.find(old, in: folder["elsewhere"]).path == old)
    }

    @Test("Without any run there is none to find")
    func noRuns() {
        let error = userError { _ = try RunFolder.find(nil, in: base) }
        #expect(error?.kind == .missingInput)
        #expect(error == .noRuns(in: base))
        let named = userError { _ = try RunFolder.find("hamlet", in: base) }
        #expect(named?.kind == .missingInput)
        #expect(named == .noSuchRun("hamlet", in: base, others: [], areSimilar: false))
    }

    @Test("A name that is not there is answered with at most five that are, those that contain it first")
    func suggestions() throws {
        for number in 1...6 { try makeRun("2025010\(number)-hamlet", age: Double(number)) }
        try makeRun("20240101-Faust", age: 1000)
        let error = userError { _ = try RunFolder.find("faust", in: base) }
        #expect(error?.kind == .missingInput)
        #expect(
            error?.description == """
                there is no run 'faust' here or in '\(base)'
                Did you mean one of these? 20240101-Faust, 20250101-hamlet, 20250102-hamlet, 20250103-hamlet, 20250104-hamlet
                """)
        let other = userError { _ = try RunFolder.find("odyssey", in: base) }
        #expect(other?.description.contains("\nThe newest runs are: 20250101-hamlet, ") == true)
    }

    @Test("A folder without a checkpoint and a file are not runs, and the messages say so")
    func notRuns() throws {
        try folder.write("runs/started/config.json", "{}")
        let started = userError { _ = try RunFolder.find("started", in: base) }
        #expect(started?.kind == .missingInput)
        #expect(started?.description.contains("there is no checkpoint in '\(base)/started'") == true)
        let path = try makeRun("done", age: 1)
        let file = userError { _ = try RunFolder.find(path + "/checkpoint-last.safetensors", in: base) }
        #expect(file?.kind == .missingInput)
        #expect(file == .fileIsNotARun(path + "/checkpoint-last.safetensors"))
    }
}
