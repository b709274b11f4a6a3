import Foundation

/// The files that a command line names as its text: files as they are, and of a folder the text files in it and below.
public struct TextFiles: Equatable, Sendable {
    /// The files in order: as named, those of a folder by their paths.
    public private(set) var paths: [String] = []
    /// Files of folders that are no text by their names, such as pictures.
    public private(set) var ignored = 0
    /// Files that were named before, by themselves or by a folder. Read twice, a text would be trained on and validated with.
    public private(set) var repeated = 0

    /// The endings of names by which a text in a folder is recognized.
    public static let endings = [".txt", ".md"]

    /// Looks into folders; what is no folder is not looked at. Of folders, hidden files and folders are left out.
    ///
    /// - Parameter names: Paths of files and folders, or `-` for standard input.
    /// - Throws: ``TinyGPTError/folderWithoutText(_:others:)`` or ``TinyGPTError/cannotRead(_:reason:)``.
    public init(_ names: [String]) throws {
        var known: Set<String> = []
        for name in names {
            guard name != "-", FileStatus.type(at: name) == S_IFDIR else {
                add(file: name, &known)
                continue
            }
            let (before, others) = (paths.count + repeated, ignored)
            try add(folder: name, &known)
            if paths.count + repeated == before { throw TinyGPTError.folderWithoutText(name, others: ignored - others) }
        }
    }

    private mutating func add(file: String, _ known: inout Set<String>) {
        if file == "-" || known.insert(FileStatus.resolvingSymbolicLinks(in: file)).inserted {
            paths.append(file)
        } else {
            repeated += 1
        }
    }

    /// Links to folders are not followed, so that one that leads to a folder above it does not go on forever.
    private mutating func add(folder: String, _ known: inout Set<String>) throws {
        let names: [String]
        switch FileStatus.contents(of: folder) {
        case .success(let found): names = found
        case .failure(let error): throw TinyGPTError.cannotRead(folder, reason: error.reason)
        }
        for name in names.filter({ !$0.hasPrefix(".") }).sorted() {
            let path = FileStatus.path(of: name, in: folder)
            switch FileStatus.type(at: path) {
            case S_IFDIR where FileStatus.isFolder(path): try add(folder: path, &known)
            case S_IFREG where Self.endings.contains(where: name.lowercased().hasSuffix): add(file: path, &known)
            default: ignored += 1
            }
        }
    }
}
