import Foundation

/// A folder that appears when it is complete.
enum NewFolder {
    /// Fills a folder beside the path and then gives it its name.
    ///
    /// - Parameters:
    ///   - path: The folder to make; what is there must be an empty folder.
    ///   - fill: Writes the files into the folder whose path it is given.
    /// - Throws: `.cannotCreate` when something is there already or the folder cannot be made, and what `fill` throws;
    ///   nothing is left behind.
    static func create(at path: String, fill: (_ folder: String) throws -> Void) throws {
        var trimmed = path
        while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
        let contents = try? FileManager.default.contentsOfDirectory(atPath: trimmed)
        if let type = SystemReason.fileType(at: trimmed), type != S_IFDIR || contents?.isEmpty != true {
            throw TinyGPTError(
                .cannotCreate,
                "'\(path)' is there already and not an empty folder; nothing is overwritten, name another")
        }
        let folder = "\(trimmed).\(UUID().uuidString.prefix(8)).part"
        if mkdir(folder, 0o777) != 0 {
            throw TinyGPTError(.cannotCreate, "cannot create the folder '\(path)': \(SystemReason.text(errno))")
        }
        do {
            try fill(folder)
            if rename(folder, trimmed) != 0 {
                throw TinyGPTError(.cannotCreate, "cannot create '\(path)': \(SystemReason.text(errno))")
            }
        } catch {
            try? FileManager.default.removeItem(atPath: folder)
            throw error
        }
    }
}
