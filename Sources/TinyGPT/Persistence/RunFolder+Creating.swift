import Foundation

extension RunFolder {
    /// Makes the folder of a new run, and those above it where they are missing. A folder that is there and empty will do.
    ///
    /// - Throws: `.cannotCreate` when something is there already, which is never overwritten, or when the folder cannot be
    ///   made.
    public static func create(at path: String) throws -> RunFolder {
        if try !makeFolder(path) {
            let contents: [String]
            do {
                contents = try FileManager.default.contentsOfDirectory(atPath: path)
            } catch {
                throw TinyGPTError(.cannotCreate, "cannot look into the folder '\(path)' for the new run")
            }
            if !contents.isEmpty {
                throw TinyGPTError(
                    .cannotCreate,
                    """
                    the run folder '\(path)' already exists and is not empty; give another --run or continue it with \
                    --resume \(path)
                    """)
            }
        }
        if access(path, W_OK) != 0 {
            throw TinyGPTError(.cannotCreate, "cannot write in the run folder '\(path)': \(SystemReason.text(errno))")
        }
        return RunFolder(path: path)
    }

    /// Makes the folder of a new run under a name of its own: `<YYYYMMDD-HHMMSS>-<name of the text>`, with -2, -3 and so on
    /// behind it when it is taken.
    ///
    /// - Parameters:
    ///   - text: The path of the text, or what else it is called.
    ///   - base: Where runs are.
    ///   - date: When the run begins.
    ///   - timeZone: Where it does.
    /// - Returns: The new, empty run.
    /// - Throws: `.cannotCreate` when the folder cannot be made.
    public static func create(
        forText text: String, in base: String = defaultBase, at date: Date = Date(), timeZone: TimeZone = .current
    ) throws -> RunFolder {
        let name = "\(timestamp(date, timeZone))-\(readableName(of: text))"
        var path = (base as NSString).appendingPathComponent(name)
        var number = 1
        // Making it is the only test of whether it is free that another run started at the same time cannot spoil.
        while try !makeFolder(path) {
            number += 1
            path = (base as NSString).appendingPathComponent("\(name)-\(number)")
        }
        return RunFolder(path: path)
    }

    /// Makes a folder and those above it.
    ///
    /// - Returns: Whether it was made; `false` when it was there.
    private static func makeFolder(_ path: String) throws -> Bool {
        if mkdir(path, 0o777) == 0 { return true }
        var code = errno
        let parent = ParentFolder.path(of: path)
        if code == ENOENT, parent != path {
            _ = try makeFolder(parent)
            if mkdir(path, 0o777) == 0 { return true }
            code = errno
        }
        let type = SystemReason.fileType(at: path)
        if type == S_IFDIR { return false }
        let reason = type == nil ? SystemReason.text(code) : "a file of that name is there"
        throw TinyGPTError(.cannotCreate, "cannot create the folder '\(path)': \(reason); give another --run")
    }

    private static func timestamp(_ date: Date, _ timeZone: TimeZone) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = timeZone
        let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
        func digits(_ number: Int?, _ count: Int) -> String {
            let text = String(number ?? 0)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let day = digits(parts.year, 4) + digits(parts.month, 2) + digits(parts.day, 2)
        return day + "-" + digits(parts.hour, 2) + digits(parts.minute, 2) + digits(parts.second, 2)
    }

    /// The name of a text without its folder and its extension, as something to type in a shell: letters and digits, a
    /// hyphen for everything else.
    private static func readableName(of text: String) -> String {
        let stem = ((text as NSString).lastPathComponent as NSString).deletingPathExtension
        let words = stem.unicodeScalars.split { scalar in
            !(scalar.properties.isAlphabetic || scalar.properties.numericType != nil || scalar == "_")
        }
        let name = words.map { String(String.UnicodeScalarView($0)) }.joined(separator: "-").prefix(40)
        return name.isEmpty ? "text" : String(name)
    }
}
