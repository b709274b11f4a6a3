import Foundation

/// The files that a command line names as its text: files as they are, and of a folder the text files in it and below.
public struct TextFiles: Equatable, Sendable {
    /// The files in order: as named, those of a folder by their paths.
    public private(set) var paths: [String] = []
    /// Files of folders that are no text by their names, such as pictures.
    public private(set) var ignored = 0

    /// The endings of names by which a text in a folder is recognized.
    public static let endings = [".txt", ".md"]

    /// Looks into folders; what is no folder is not looked at. Of folders, hidden files and folders are left out.
    ///
    /// - Parameter names: Paths of files and folders, or `-` for standard input.
    /// - Throws: ``TinyGPTError/folderWithoutText(_:others:)`` or ``TinyGPTError/cannotRead(_:reason:)``.
    public init(_ names: [String]) throws {
        for name in names {
            guard name != "-", FileStatus.type(at: name) == S_IFDIR else {
                paths.append(name)
                continue
            }
            let (known, others) = (paths.count, ignored)
            try add(folder: name)
            if paths.count == known { throw TinyGPTError.folderWithoutText(name, others: ignored - others) }
        }
    }

    /// Links to folders are not followed, so that one that leads to a folder above it does not go on forever.
    private mutating func add(folder: String) throws {
        let names: [String]
        switch FileStatus.contents(of: folder) {
        case .success(let found): names = found
        case .failure(let error): throw TinyGPTError.cannotRead(folder, reason: error.reason)
        }
        for name in names.filter({ !$0.hasPrefix(".") }).sorted() {
            let path = FileStatus.path(of: name, in: folder)
            switch FileStatus.type(at: path) {
            case S_IFDIR where FileStatus.isFolder(path): try add(folder: path)
            case S_IFREG where Self.endings.contains(where: name.lowercased().hasSuffix): paths.append(path)
            default: ignored += 1
            }
        }
    }
}
