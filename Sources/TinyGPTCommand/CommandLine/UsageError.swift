/// A command line that cannot be understood; told together with where to read more.
struct UsageError: Error, Equatable {
    /// What is wrong, what was expected and got: one line without a full stop.
    let message: String

    /// Creates an error.
    init(_ message: String) {
        self.message = message
    }
}
