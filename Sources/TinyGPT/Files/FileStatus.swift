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

    /// The path from the root on, without `.`, and without `..` where what comes before is a folder. Behind a symbolic link it
    /// means the parent of the folder that the link leads to, and stays.
    package static func absolute(_ path: String) -> String {
        var components: [Substring] = []
        let whole = path.utf8.first == UInt8(ascii: "/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        for component in whole.split(separator: "/") where component != "." {
            if component == "..", isFolder("/" + components.joined(separator: "/")) {
                _ = components.popLast()
            } else {
                components.append(component)
            }
        }
        return "/" + components.joined(separator: "/")
    }

    /// Whether a folder itself, not a link to one, is at a path.
    private static func isFolder(_ path: String) -> Bool {
        var information = stat()
        return lstat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
    }

    /// The path of the file itself where symbolic links lead to it or to its folder; the file need not be there.
    package static func resolvingSymbolicLinks(in path: String) -> String {
        if let real = realPath(path) { return real }
        let name = (path as NSString).lastPathComponent
        guard let folder = realPath(parentFolder(of: path)) else { return absolute(path) }
        return folder == "/" ? "/" + name : folder + "/" + name
    }

    private static func realPath(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
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
