import Foundation

/// What the operating system reports about files and failures.
enum FileStatus {
    /// The system's message for an error number, such as "No space left on device".
    static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }

    /// The `S_IF…` type of the file at a path, symbolic links followed; nil when there is none.
    static func type(at path: String) -> mode_t? {
        var information = stat()
        return stat(path, &information) == 0 ? information.st_mode & S_IFMT : nil
    }

    /// The path without its last component: `.` where it has no other, `/` directly below the root.
    ///
    /// Foundation's own (`deletingLastPathComponent` of `NSString`) traps on Linux when the path is a single character.
    static func parentFolder(of path: String) -> String {
        let components = path.utf8.reversed().drop { $0 == UInt8(ascii: "/") }
        let folder = components.drop { $0 != UInt8(ascii: "/") }.drop { $0 == UInt8(ascii: "/") }
        if !folder.isEmpty { return String(decoding: folder.reversed(), as: UTF8.self) }
        return path.utf8.first == UInt8(ascii: "/") ? "/" : "."
    }
}
