/// A command line that cannot be understood; reported with a reference to the help.
package struct UsageError: Error, Equatable {
    /// What is wrong, what was expected and got: one line without a full stop.
    package let message: String

    package init(_ message: String) {
        self.message = message
    }
}

/// Work that a command cannot do, other than for a mistake in its options.
package struct CommandError: Error, Equatable {
    package let code: ExitCode
    /// One or two lines: what, where, expected and got, what to do next.
    package let message: String

    package init(_ code: ExitCode, _ message: String) { (self.code, self.message) = (code, message) }
}
