/// A position that a character may look at for a reason that has a name.
public enum AttentionTarget: String, CaseIterable, Sendable {
    /// The character just before.
    case previousCharacter = "previous character"
    /// The character itself.
    case itself = "self"
    /// Where the window begins, which heads with nothing to say look at.
    case firstPosition = "first position"
    /// Earlier occurrences of the same character.
    case sameCharacter = "same character"
    /// Spaces and newlines, the character itself among them.
    case space = "space or newline"
    /// What followed earlier occurrences of the same character (Olsson et al. 2022, "In-context Learning and Induction
    /// Heads").
    case induction

    /// The positions, among those up to `row`, that this means for the character at `row`.
    ///
    /// - Precondition: `row` is not 0, which has nothing to choose from.
    func positions(from row: Int, in tokens: [Int32], spaces: Set<Int32>) -> [Int] {
        precondition(row > 0, "the first character has nothing to choose from")
        return switch self {
        case .previousCharacter: [row - 1]
        case .itself: [row]
        case .firstPosition: [0]
        case .sameCharacter: (0..<row).filter { tokens[$0] == tokens[row] }
        case .space: (0...row).filter { spaces.contains(tokens[$0]) }
        case .induction: (1..<row).filter { tokens[$0 - 1] == tokens[row] }
        }
    }
}
