import Console
import Foundation
import TinyGPT

/// A page of a lesson on standard output: prose, numbers, tables, pictures, and checks of the results.
///
/// A blank line separates blocks of different kinds; lines and checks that follow each other stay together. A failure to write
/// is reported at the end, so that lessons read without `try`.
final class Page {
    /// The options the lesson was given.
    let arguments: ParsedArguments

    private enum Block { case paragraph, heading, lines, checks }

    /// What standard output can show.
    let style: TerminalStyle
    private let svgPath: String?
    private var last: Block?
    private var hasDrawing = false
    private var failures: [String] = []
    private var writeError: (any Error)?

    /// An empty page.
    ///
    /// - Throws: ``TinyGPTError/cannotCreate(_:reason:)`` for an `--svg` that cannot be written, before any work is done.
    init(_ arguments: ParsedArguments) throws {
        self.arguments = arguments
        style = TerminalStyle(descriptor: STDOUT_FILENO, arguments)
        let svg = LessonOptions.svg("")
        let isDeclared = arguments.declaration.option(named: svg.declaration.name) != nil
        svgPath = isDeclared ? arguments[svg] : nil
        if let svgPath { try AtomicFile.check(svgPath) }
    }

    /// Prose: paragraphs separated by blank lines, each set to 80 columns.
    func text(_ prose: String) {
        for paragraph in prose.split(separator: "\n\n") {
            begin(.paragraph)
            write(TextLayout.wrap(String(paragraph).replacing("\n", with: " ")).joined(separator: "\n") + "\n")
        }
    }

    /// The title of a part of the lesson.
    func heading(_ title: String) {
        begin(.heading)
        write(style.bold(title) + "\n")
    }

    /// Lines as they are; those of several calls stand together.
    func lines(_ lines: String...) {
        begin(.lines)
        for line in lines { write(line + "\n") }
    }

    /// A table: columns of numbers are set flush right, others flush left.
    func table(_ headings: [String], _ rows: [[String]]) {
        begin(.paragraph)
        write(PlainTable(headings, rows).text)
    }

    /// A matrix as a table: its rows are counted from 1 in a column called `rows`.
    func table(_ matrix: Tensor, rows name: String, columns: [String], digits: Int = 4) {
        let (rows, width) = matrix.shape2
        let values = matrix.values.map { $0.fixed(digits) }
        table([name] + columns, (0..<rows).map { ["\($0 + 1)"] + values[$0 * width..<($0 + 1) * width] })
    }

    /// An array of numbers, from 0 (nothing) to 1 (everything), as cells that get brighter; with names of rows and columns.
    func heatMap(_ rows: [[Float]], names: [String] = [], columns: [String] = []) {
        begin(.paragraph)
        write(HeatMap(rows, names: names, columns: columns).text(style))
    }

    /// A gray image, from 0 (nothing) to 1 (everything), two rows of pixels in a line.
    func image(_ pixels: [[Float]]) {
        begin(.paragraph)
        let scale = HeatScale(style)
        for row in stride(from: 0, to: pixels.count, by: 2) {
            let lower = row + 1 < pixels.count ? pixels[row + 1] : []
            // The scale takes the square root, which would make faint noise as bright as ink.
            let cells = pixels[row].indices.map { column in
                scale.halves(pixels[row][column].squared, column < lower.count ? lower[column].squared : nil)
            }
            write(cells.joined() + "\n")
        }
    }

    /// The lesson's drawing, written to the file of `--svg`; not even made without the option.
    func drawing(_ svg: @autoclosure () -> String) throws {
        guard let svgPath else { return }
        try AtomicFile.write(svg(), to: svgPath)
        hasDrawing = true
    }

    /// Says that a check has passed or failed; a failed one decides the exit code.
    func check(_ claim: String, _ holds: Bool) {
        begin(.checks)
        if !holds { failures.append(claim) }
        let sign = holds ? (style.isUTF8 ? style.green("✓") : "ok") : (style.isUTF8 ? "✗" : "WRONG")
        write("\(claim) \(sign)\n")
    }

    /// Reports a write that failed, and results that are off.
    ///
    /// - Throws: What writing has thrown, or ``CommandError`` for failed checks.
    func finish() throws {
        if let writeError { throw writeError }
        try StandardStreams.output.flush()
        if let svgPath, hasDrawing { StandardStreams.note("wrote \(svgPath)\n") }
        guard failures.isEmpty else {
            let number = failures.count == 1 ? "1 result is" : "\(failures.count) results are"
            throw CommandError(.failure, "\(number) off:\n" + failures.map { "  \($0)" }.joined(separator: "\n"))
        }
    }

    private func begin(_ block: Block) {
        let isSeparate = block != last || block == .paragraph || block == .heading
        if last != nil, isSeparate { write("\n") }
        last = block
    }

    private func write(_ text: String) {
        guard writeError == nil else { return }
        do { try StandardStreams.output.write(text) } catch { writeError = error }
    }
}
