import Foundation

/// Paths, and what the operating system reports about files and failures.
///
/// A path means the same everywhere: what the system's own calls make of it. Foundation would take a leading `~` for the home
/// folder, but only in some of its calls; they are given absolute paths, which none of them changes.
package enum FileStatus {
    /// The system's message for an error number, such as "No space left on device".
    static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }

    /// The `S_IF…` type of the file at a path, symbolic links followed; nil when there is none.
    package static func type(at path: String) -> mode_t? {
        var information = stat()
        return stat(path, &information) == 0 ? information.st_mode & S_IFMT : nil
    }

    /// The path from the root on, `.` and `..` resolved by name.
    package static func absolute(_ path: String) -> String {
        var components: [Substring] = []
        let whole = path.utf8.first == UInt8(ascii: "/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        for component in whole.split(separator: "/") where component != "." {
            if component == ".." { _ = components.popLast() } else { components.append(component) }
        }
        return "/" + components.joined(separator: "/")
    }

    /// The path of the file itself where symbolic links lead to it.
    package static func resolvingSymbolicLinks(in path: String) -> String {
        URL(fileURLWithPath: absolute(path)).resolvingSymlinksInPath().path
    }

    /// The path without its last component: `.` where it has no other, `/` directly below the root.
    ///
    /// Foundation's own (`deletingLastPathComponent` of `NSString`) traps on Linux when the path is a single character.
    package static func parentFolder(of path: String) -> String {
        let components = path.utf8.reversed().drop { $0 == UInt8(ascii: "/") }
        let folder = components.drop { $0 != UInt8(ascii: "/") }.drop { $0 == UInt8(ascii: "/") }
        if !folder.isEmpty { return String(decoding: folder.reversed(), as: UTF8.self) }
        return path.utf8.first == UInt8(ascii: "/") ? "/" : "."
    }
}
