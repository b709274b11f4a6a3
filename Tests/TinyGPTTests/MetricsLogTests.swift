import Foundation
import Testing

@testable import TinyGPT

@Suite("The metrics table")
struct MetricsLogTests {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder["metrics.csv"]
    }

    private let header = "step,split,loss,learning_rate,gradient_norm,tokens_per_second,seconds\n"

    private func text() throws -> String {
        try String(contentsOfFile: path, encoding: .utf8)
    }

    private func row(_ step: Int, _ split: MetricsLog.Split = .train) -> MetricsLog.Row {
        .init(step: step, split: split, loss: Double(step) / 3, seconds: 1)
    }

    @Test("Rows are in the file as soon as they are appended, unrounded, with nothing where nothing applies")
    func appending() throws {
        let log = try MetricsLog(creatingAt: path)
        #expect(try text() == header)
        try log.append(
            .init(
                step: 1, split: .train, loss: 4.170000076293945, learningRate: 1e-5, gradientNorm: .nan,
                tokensPerSecond: 12345.678, seconds: 0.1))
        #expect(try text() == header + "1,train,4.170000076293945,1e-05,nan,12345.678,0.1\n")
        try log.append(.init(step: 250, split: .validation, loss: 2.5, seconds: 12))
        #expect(try text().hasSuffix("250,val,2.5,,,,12.0\n"))
    }

    @Test("What was written is read back, diverged losses too")
    func reading() throws {
        let log = try MetricsLog(creatingAt: path)
        let first = MetricsLog.Row(
            step: 1, split: .train, loss: 0.1 + 0.2, learningRate: 1e-3, gradientNorm: .infinity, tokensPerSecond: 1,
            seconds: 2)
        try log.append(first)
        try log.append(.init(step: 2, split: .validation, loss: .nan))
        let rows = try MetricsLog.read(path)
        #expect(rows.count == 2)
        #expect(rows.first == first)
        #expect(rows.last?.loss.isNaN == true && rows.last?.split == .validation && rows.last?.seconds == nil)
    }

    @Test("A new table never replaces one that is there")
    func neverOverwrites() throws {
        try folder.write("metrics.csv", "precious")
        #expect(userError { _ = try MetricsLog(creatingAt: path) }?.kind == .cannotCreate)
        #expect(try text() == "precious")
    }

    @Test("A resumed run drops the rows after its checkpoint and goes on behind the others")
    func resuming() throws {
        do {
            let log = try MetricsLog(creatingAt: path)
            for step in 0...5 { try log.append(row(step)) }
            try log.append(row(4, .validation))
            try log.append(row(6, .validation))
        }
        let log = try MetricsLog(resumingAt: path, after: 4)
        try log.append(row(5))
        let rows = try MetricsLog.read(path)
        #expect(rows == (0...4).map { row($0) } + [row(4, .validation), row(5)])
    }

    @Test("A table that is missing, or cut off after the rows of its checkpoint, can be resumed")
    func resumingWithout() throws {
        // As often as the run is resumed before its next row.
        for _ in 0..<2 { _ = try MetricsLog(resumingAt: path, after: 2) }
        #expect(try folder.contents().isEmpty)
        try MetricsLog(resumingAt: path, after: 2).append(row(3))
        #expect(try text() == header + "3,train,1.0,,,,1.0\n")
        _ = try MetricsLog(resumingAt: path, after: 2)
        #expect(try folder.contents().isEmpty)
        try folder.write("metrics.csv", header + "1,train,1.5,,,,\n2,train,1.")
        try MetricsLog(resumingAt: path, after: 1).append(row(3))
        #expect(try text() == header + "1,train,1.5,,,,\n3,train,1.0,,,,1.0\n")
    }

    @Test("A table that ends before its checkpoint is damaged, wherever it ends, and stays as it is")
    func cutOff() throws {
        let whole = header + "1,train,1.5,,,,\n2,train,1.25,,,,\n3,train,1.25,,,,\n"
        for count in 0..<whole.utf8.count {
            try folder.write("metrics.csv", Array(whole.utf8.prefix(count)))
            let error = userError { _ = try MetricsLog(resumingAt: path, after: 3) }
            #expect(error?.kind == .badData, "cut off at \(count)")
            #expect(try text().utf8.count == count)
        }
        let error = userError { _ = try MetricsLog(resumingAt: path, after: 3) }
        #expect(
            error?.description == """
                '\(path)' is cut off: it ends at step 2, and the checkpoint needs it up to step 3; restore it, or move it away to \
                continue with a new one
                """)
        try folder.write("metrics.csv", "")
        // A model that was imported and killed before its first validation.
        try MetricsLog(resumingAt: path, after: nil).append(row(0))
        #expect(try text() == header + "0,train,0.0,,,,1.0\n")
    }

    @Test(
        "Zeros that a power failure has left after the rows of the checkpoint are dropped, those before it are damage")
    func holes() throws {
        let rows = "1,train,1.5,,,,\n2,train,1.25,,,,\n"
        for hole in [
            "\0\0\0", "\0\0,,,,\n", "\0\0rain,1.0,,,,\n3,val,1.0,,,,\n",
            "3,train,1.0,,,,\n\(String(repeating: "\0", count: 5000))",
        ] {
            try folder.write("metrics.csv", header + rows + hole)
            _ = try MetricsLog(resumingAt: path, after: 2)
            #expect(try text() == header + rows)
        }
        try folder.write("metrics.csv", header + rows + "\0\0,,,,\n")
        #expect(userError { _ = try MetricsLog(resumingAt: path, after: 3) }?.kind == .badData)
    }

    @Test("A table cut off anywhere still gives every complete row")
    func truncation() throws {
        let whole = Array((header + "1,train,1.5,,,,\n2,val,1.25,,,,\n").utf8)
        for count in 0...whole.count {
            try folder.write("metrics.csv", Array(whole[..<count]))
            let lineBreaks = whole[..<count].count { $0 == UInt8(ascii: "\n") }
            #expect(try MetricsLog.read(path).count == max(0, lineBreaks - 1), "cut off at \(count)")
        }
    }

    static let badLines = [
        "1,train", "x,train,1,,,,", "1,test,1,,,,", "1,train,,,,,", "1,train,1,x,,,", "1,train,1,,,,,", "",
    ]

    @Test("A line in the middle that is no row is refused with its number", arguments: badLines)
    func badRow(line: String) throws {
        try folder.write("metrics.csv", header + "1,train,1.5,,,,\n\(line)\n2,train,1.5,,,,\n")
        let error = userError { _ = try MetricsLog.read(path) }
        #expect(error?.kind == .badData)
        #expect(error?.description.contains("has in line 3 ") == true)
    }

    @Test("Another table is refused, a missing one too")
    func otherFile() throws {
        #expect(userError { _ = try MetricsLog.read(path) }?.kind == .missingInput)
        try folder.write("metrics.csv", "iter,loss\n1,2\n")
        let error = userError { _ = try MetricsLog.read(path) }
        #expect(error?.kind == .badData)
        #expect(error?.description.contains("has in line 1 'iter,loss', expected") == true)
    }
}

@Suite("The samples of a run")
struct SamplesLogTests {
    private static let first = "--- step 0, validation loss 4.1 ---\nab\n\n--- step x\n\n"
    private static let second = "--- step 10, validation loss 3.2 ---\ncd\n\n"

    @Test(
        "Entries after the checkpoint are dropped, whole or cut off anywhere",
        arguments: 0...second.count)
    func resuming(length: Int) throws {
        #expect(try resumed(Self.first + Self.second.prefix(length), after: 0) == Self.first)
        #expect(try resumed(Self.first + Self.second.prefix(length), after: 0, sampleLength: 14) == Self.first)
    }

    @Test("Entries up to the checkpoint stay, whatever the model has written")
    func kept() throws {
        for length in [2, 3, 14, 200] {
            #expect(
                try resumed(Self.first + Self.second, after: 10, sampleLength: length) == Self.first + Self.second)
        }
        #expect(try resumed("", after: 10) == "")
    }

    @Test(
        "A model that has learned to write the first line of an entry loses none",
        arguments: [
            "--- step 99, validation loss 1.0 ---\nä\r\n", "\n--- step 99, a ---\n\n--- step 98, b ---", "\n\n\n",
        ])
    func learnedMarks(sample: String) throws {
        let text = "--- step 0, validation loss 4.1 ---\n\(sample)\n\n"
        let length = sample.unicodeScalars.count
        #expect(try resumed(text + Self.second, after: 10, sampleLength: length) == text + Self.second)
        #expect(try resumed(text + Self.second, after: 0, sampleLength: length) == text)
    }

    @Test("Zeros that a power failure has left in place of an entry are dropped", arguments: 0...second.count)
    func zeros(count: Int) throws {
        let hole = String(repeating: "\0", count: count) + Self.second.dropFirst(count)
        #expect(try resumed(Self.first + hole, after: 0, sampleLength: 14) == Self.first)
        #expect(try resumed(Self.first + hole, after: 0) == Self.first)
    }

    @Test("Samples that end before the last validation are damaged, wherever they end, and stay as they are")
    func cutOff() throws {
        let folder = try TemporaryFolder()
        let whole = "--- step 0, validation loss 4.1 ---\nab\n\n" + Self.second
        // The line break after the empty line is not missed.
        for count in 0..<whole.utf8.count - 1 {
            let path = try folder.write("samples.txt", Array(whole.utf8.prefix(count)))
            let error = userError { _ = try SamplesLog(resumingAt: path, after: 12, validatedAt: 10, sampleLength: 2) }
            #expect(error?.kind == .badData, "cut off at \(count)")
            #expect(try String(contentsOfFile: path, encoding: .utf8).utf8.count == count)
        }
        let path = try folder.write("samples.txt", whole)
        _ = try SamplesLog(resumingAt: path, after: 12, validatedAt: 10, sampleLength: 2)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == whole)
        // All of a file that began after the checkpoint is dropped, and the file with it.
        _ = try SamplesLog(resumingAt: path, after: -1, sampleLength: 2)
        #expect(try folder.contents().isEmpty)
        try SamplesLog(resumingAt: path, after: 0, validatedAt: 0, sampleLength: 2).append(step: 5, loss: 1, "ef")
        _ = try SamplesLog(resumingAt: path, after: 4, validatedAt: 4, sampleLength: 2)
        #expect(try folder.contents().isEmpty)
    }

    private func resumed(_ text: String, after step: Int, sampleLength: Int = 200) throws -> String {
        let folder = try TemporaryFolder()
        let path = try folder.write("samples.txt", text)
        _ = try SamplesLog(resumingAt: path, after: step, sampleLength: sampleLength)
        return try String(contentsOfFile: path, encoding: .utf8)
    }
}
