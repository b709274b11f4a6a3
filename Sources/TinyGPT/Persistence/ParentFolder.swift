/// The folder that a path names something in.
enum ParentFolder {
    /// The path without its last part: `.` where it has no other, `/` directly below the root.
    ///
    /// Foundation's own (`deletingLastPathComponent` of `NSString`) traps on Linux when the path is a single character.
    static func path(of path: String) -> String {
        let parts = path.utf8.reversed().drop { $0 == UInt8(ascii: "/") }
        let folder = parts.drop { $0 != UInt8(ascii: "/") }.drop { $0 == UInt8(ascii: "/") }
        if !folder.isEmpty { return String(decoding: folder.reversed(), as: UTF8.self) }
        return path.utf8.first == UInt8(ascii: "/") ? "/" : "."
    }
}
