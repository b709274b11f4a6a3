import Foundation

/// A line that is being typed: its characters, the cursor, and the lines before it. Made of plain values, so that every key can
/// be tried without a terminal.
package struct TypedLine: Equatable {
    /// The characters.
    package private(set) var characters: [Character] = []
    /// The place of the cursor, from 0 to the number of characters.
    package private(set) var cursor = 0
    private let history: [String]
    /// The line of the history that is shown; the number of lines for the one that is typed.
    private var place: Int
    private var typed: [Character] = []

    /// An empty line.
    ///
    /// - Parameter history: The lines before, the oldest first.
    package init(history: [String] = []) { (self.history, place) = (history, history.count) }

    /// The text.
    package var text: String { String(characters) }

    /// A key that edits.
    package enum Key: Equatable {
        case character(Character), backspace, delete, left, right, home, end, up, down
        /// Deletes to the beginning or the end of the line, or the word before the cursor.
        case deleteToStart, deleteToEnd, deleteWord
    }

    /// Does what a key does.
    package mutating func press(_ key: Key) {
        switch key {
        case .character(let character):
            characters.insert(character, at: cursor)
            cursor += 1
        case .backspace where cursor > 0:
            cursor -= 1
            characters.remove(at: cursor)
        case .delete where cursor < characters.count: characters.remove(at: cursor)
        case .left: cursor = max(0, cursor - 1)
        case .right: cursor = min(characters.count, cursor + 1)
        case .home: cursor = 0
        case .end: cursor = characters.count
        case .up: show(place - 1)
        case .down: show(place + 1)
        case .deleteToStart:
            characters.removeFirst(cursor)
            cursor = 0
        case .deleteToEnd: characters.removeLast(characters.count - cursor)
        case .deleteWord:
            let word = characters[..<cursor].reversed().drop { $0 == " " }.drop { $0 != " " }
            characters.removeSubrange(word.count..<cursor)
            cursor = word.count
        default: break
        }
    }

    private mutating func show(_ next: Int) {
        guard (0...history.count).contains(next) else { return }
        if place == history.count { typed = characters }
        place = next
        characters = next == history.count ? typed : Array(history[next])
        cursor = characters.count
    }
}

/// Reads lines from standard input: edited, with a history, on a terminal; as they come from a pipe.
package final class LineEditor {
    private let prompt: String
    private var history: [String] = []
    private let isTerminal = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1
    private let style: TerminalStyle

    /// - Parameters:
    ///   - prompt: Shown in front of a line on a terminal.
    ///   - style: That of standard error.
    package init(prompt: String, style: TerminalStyle) { (self.prompt, self.style) = (prompt, style) }

    /// Reads a line.
    ///
    /// - Returns: The line without its line break; nil at the end of the input, Ctrl-D and Ctrl-C included.
    package func read() -> String? {
        guard isTerminal, style.canRedraw else {
            if isTerminal { StandardStreams.draw(prompt) }
            return readLine()
        }
        var before = termios()
        guard tcgetattr(STDIN_FILENO, &before) == 0 else { return readLine() }
        var raw = before
        cfmakeraw(&raw)
        // Output as usual: a line break returns to the first column.
        raw.c_oflag = before.c_oflag
        tcsetattr(STDIN_FILENO, TCSADRAIN, &raw)
        defer {
            tcsetattr(STDIN_FILENO, TCSADRAIN, &before)
            StandardStreams.draw("\n")
        }
        var line = TypedLine(history: history)
        while true {
            draw(line)
            guard let character = nextCharacter() else { return nil }
            switch character {
            case "\r", "\n":
                if !line.text.isEmpty, line.text != history.last { history.append(line.text) }
                return line.text
            case "\u{3}": return nil
            case "\u{4}" where line.text.isEmpty: return nil
            default: if let key = key(character) { line.press(key) }
            }
        }
    }

    private func key(_ character: Character) -> TypedLine.Key? {
        switch character {
        case "\u{7F}", "\u{8}": .backspace
        case "\u{4}": .delete
        case "\u{1}": .home
        case "\u{5}": .end
        case "\u{2}": .left
        case "\u{6}": .right
        case "\u{10}": .up
        case "\u{E}": .down
        case "\u{15}": .deleteToStart
        case "\u{B}": .deleteToEnd
        case "\u{17}": .deleteWord
        case "\u{1B}": sequence()
        case "\t": .character(character)
        default: character.unicodeScalars.allSatisfy { $0.value >= 0x20 } ? .character(character) : nil
        }
    }

    /// The key of an escape sequence: `ESC [ A`, `ESC O H`, `ESC [ 3 ~`; nil for one that edits nothing.
    private func sequence() -> TypedLine.Key? {
        guard let kind = nextCharacter(), kind == "[" || kind == "O" else { return nil }
        var parameters = ""
        while let character = nextCharacter() {
            guard character.isNumber || character == ";" else {
                return switch (character, parameters) {
                case ("A", _): .up
                case ("B", _): .down
                case ("C", _): .right
                case ("D", _): .left
                case ("H", _), ("~", "1"), ("~", "7"): .home
                case ("F", _), ("~", "4"), ("~", "8"): .end
                case ("~", "3"): .delete
                default: nil
                }
            }
            parameters.append(character)
        }
        return nil
    }

    /// The next character, of one to four bytes of UTF-8; nil at the end of the input.
    private func nextCharacter() -> Character? {
        var bytes: [UInt8] = []
        repeat {
            var byte: UInt8 = 0
            guard Foundation.read(STDIN_FILENO, &byte, 1) == 1 else { return nil }
            bytes.append(byte)
        } while bytes.count < Self.length(bytes[0])
        return String(decoding: bytes, as: UTF8.self).first
    }

    private static func length(_ first: UInt8) -> Int {
        switch first {
        case 0xC2...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF4: 4
        default: 1
        }
    }

    /// The line with the cursor in it; of a line that is longer than the terminal is wide, the part around the cursor.
    private func draw(_ line: TypedLine) {
        let room = max(1, style.width - prompt.count - 1)
        let first = max(0, line.cursor - room + 1)
        let shown = line.characters[first...].prefix(room)
        let columns = prompt.count + VisibleText.columns(of: String(line.characters[first..<line.cursor]))
        let move = columns > 0 ? "\u{1B}[\(columns)C" : ""
        StandardStreams.draw("\r" + prompt + VisibleText.oneLine(String(shown), style) + "\u{1B}[K\r" + move)
    }
}
