import Foundation
import TinyGPT

/// Files that a command writes where the user says.
enum TextOutput {
    /// Writes a text to a file, replacing what was there only when all of it is written.
    ///
    /// - Throws: `.cannotCreate`.
    static func write(_ text: String, to path: String) throws {
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw TinyGPTError(
                .cannotCreate, "cannot write '\(path)': is there such a folder, and may you write there?")
        }
    }
}
