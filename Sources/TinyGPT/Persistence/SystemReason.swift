import Foundation

/// What the operating system says about files and about failures.
enum SystemReason {
    /// The system's words for an error number, such as "No space left on device".
    static func text(_ code: Int32) -> String {
        String(cString: strerror(code))
    }

    /// The `S_IF…` type of what is at a path, symbolic links followed; `nil` when nothing is there.
    static func fileType(at path: String) -> mode_t? {
        var information = stat()
        return stat(path, &information) == 0 ? information.st_mode & S_IFMT : nil
    }
}
