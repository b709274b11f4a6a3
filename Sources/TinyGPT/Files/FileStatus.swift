import Foundation

/// Paths, and what the operating system reports about files and failures.
///
/// A path means the same everywhere: what the system's own calls make of it. Foundation would take a leading `~` for the home
/// folder, but only in some of its calls; they are given absolute paths, which none of them changes.
/// Paths are taken apart by bytes: a slash before a combining mark is part of another character, and still a slash.
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
        let whole = isAbsolute(path) ? path : FileManager.default.currentDirectoryPath + "/" + path
        for component in whole.utf8.split(separator: slash).map(Substring.init) where component != "." {
            if component == "..", isFolder("/" + components.joined(separator: "/")) {
                _ = components.popLast()
            } else {
                components.append(component)
            }
        }
        return "/" + components.joined(separator: "/")
    }

    /// Whether a folder itself, not a link to one, is at a path.
    static func isFolder(_ path: String) -> Bool {
        var information = stat()
        return lstat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
    }

    /// The path of the file itself where symbolic links lead to it or to its folder; the file need not be there.
    package static func resolvingSymbolicLinks(in path: String) -> String {
        if let real = realPath(path) { return real }
        guard let folder = realPath(parentFolder(of: path)) else { return absolute(path) }
        return self.path(of: name(of: path), in: folder)
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
        let components = path.utf8.reversed().drop { $0 == slash }
        let folder = components.drop { $0 != slash }.drop { $0 == slash }
        if !folder.isEmpty { return String(decoding: folder.reversed(), as: UTF8.self) }
        return isAbsolute(path) ? "/" : "."
    }

    /// The last component of a path, without slashes behind it; empty where there is none.
    package static func name(of path: String) -> String {
        path.utf8.split(separator: slash).last.map { String(Substring($0)) } ?? ""
    }

    /// The path of a name in a folder.
    package static func path(of name: String, in folder: String) -> String {
        folder.isEmpty || folder.utf8.last == slash ? folder + name : folder + "/" + name
    }

    /// The path without slashes at its end; `/` stays.
    static func withoutTrailingSlashes(_ path: String) -> String {
        let rest = path.utf8.reversed().drop { $0 == slash }
        return rest.isEmpty ? String(path.utf8.prefix(1)) ?? "" : String(decoding: rest.reversed(), as: UTF8.self)
    }

    /// The names of everything in a folder, in no order.
    ///
    /// - Returns: The names, or the error number with which the system refuses.
    static func contents(of folder: String) -> Result<[String], SystemError> {
        guard let stream = opendir(folder) else { return .failure(SystemError(code: errno)) }
        defer { closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(stream) {
            // Swift imports the array of characters as a tuple, longer than what is there.
            let place = UnsafeRawPointer(entry) + MemoryLayout<dirent>.offset(of: \.d_name)!
            let name = String(cString: place.assumingMemoryBound(to: CChar.self))
            if name != ".", name != ".." { names.append(name) }
            errno = 0
        }
        return errno == 0 ? .success(names) : .failure(SystemError(code: errno))
    }

    /// An error number of the system.
    struct SystemError: Error {
        let code: Int32
        var reason: String { FileStatus.reason(code) }
    }

    private static let slash = UInt8(ascii: "/")

    private static func isAbsolute(_ path: String) -> Bool { path.utf8.first == slash }
}
