/// Something that went wrong and that a person can mend, told in words for that person.
public struct TinyGPTError: Error, Equatable, CustomStringConvertible {
    /// What kind of thing went wrong; a command-line tool turns it into an exit code.
    public enum Kind: Sendable {
        /// The work itself failed: training diverged, for example.
        case failure
        /// Settings that contradict each other or that no model can have.
        case usage
        /// A text, a checkpoint or another input that is not what it should be.
        case badData
        /// An input that is not there.
        case missingInput
        /// An output that cannot be created.
        case cannotCreate
        /// Reading or writing failed part way.
        case inputOutput
    }

    /// What kind of thing went wrong.
    public let kind: Kind
    /// One or two lines: what, where, expected and got, what to do next.
    public let description: String

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - kind: What kind of thing went wrong.
    ///   - description: One or two lines: what, where, expected and got, what to do next.
    public init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
