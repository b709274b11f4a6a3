import Foundation

/// The memory that the system lets this process use.
package enum SystemMemory {
    /// Bytes that can still be allocated: the least of what the computer has free (swap counted in), what every control group
    /// around the process leaves of its limit, and what the process's own limits leave. Nil where the system does not tell.
    package static var available: Int? { available(root: "") }

    /// The same with the system's files below another root, for tests.
    static func available(root: String) -> Int? {
        (controlGroups(root) + processLimits(root) + [free(root)]).compactMap { $0 }.min().map { max(0, $0) }
    }

    /// Bytes that are not asked for: asking takes two milliseconds, and a process that lacks so little ends in any case.
    private static let negligible = 1 << 20

    /// - Throws: ``TinyGPTError/notEnoughMemory(for:needed:available:)`` if `needed` bytes, more than a mebibyte, are not
    ///   available.
    package static func require(_ needed: Int, for purpose: String) throws {
        if needed > negligible, let available, needed > available {
            throw TinyGPTError.notEnoughMemory(for: purpose, needed: needed, available: available)
        }
    }

    /// The computer's free memory; on macOS, which compresses and swaps as it needs, all of its memory.
    private static func free(_ root: String) -> Int? {
        #if os(Linux)
            let lines = read("\(root)/proc/meminfo")?.split(separator: "\n") ?? []
            let amounts = lines.reduce(into: [Substring: Int]()) { amounts, line in
                let words = line.split(separator: " ")
                if words.count == 3, let number = Int(words[1]) { amounts[words[0]] = number.multipliedOrMax(by: 1024) }
            }
            return amounts["MemAvailable:"].map { $0.addedOrMax(amounts["SwapFree:"] ?? 0) }
        #else
            return Int(clamping: ProcessInfo.processInfo.physicalMemory)
        #endif
    }

    /// What each control group from the process's own up to the root leaves, in version 1 and 2 of their file system. The page
    /// cache counts against a group but gives way, so it is added back.
    private static func controlGroups(_ root: String) -> [Int?] {
        let groups = read("\(root)/proc/self/cgroup")?.split(separator: "\n") ?? []
        return groups.flatMap { line -> [Int?] in
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { return [] }
            let isVersion2 = fields[0] == "0"
            guard isVersion2 || fields[1].split(separator: ",").contains("memory") else { return [] }
            let mount = "\(root)/sys/fs/cgroup" + (isVersion2 ? "" : "/memory")
            var path = fields[2].split(separator: "/")
            var groups: [Int?] = []
            while true {
                groups.append(left(inGroup: ([mount] + path.map(String.init)).joined(separator: "/"), isVersion2))
                if path.popLast() == nil { return groups }
            }
        }
    }

    /// What one control group leaves; nil where it has no limit or, seen from a container, no files.
    private static func left(inGroup folder: String, _ isVersion2: Bool) -> Int? {
        let files = isVersion2 ? ("memory.max", "memory.current") : ("memory.limit_in_bytes", "memory.usage_in_bytes")
        guard let limit = number("\(folder)/\(files.0)"), let used = number("\(folder)/\(files.1)") else { return nil }
        let key = isVersion2 ? "inactive_file " : "total_inactive_file "
        let cache = read("\(folder)/memory.stat")?.split(separator: "\n").first { $0.hasPrefix(key) }
        return limit - used + (cache.flatMap { Int($0.dropFirst(key.count)) } ?? 0)
    }

    /// What `ulimit -v` and `ulimit -d` leave: the limits of the address space and of data.
    private static func processLimits(_ root: String) -> [Int?] {
        #if os(Linux)
            // Sizes in pages: in all, resident, shared, code, libraries, data.
            let sizes = read("\(root)/proc/self/statm")?.split(separator: " ").map { Int($0) ?? 0 } ?? []
            guard sizes.count > 5 else { return [] }
            let page = sysconf(Int32(_SC_PAGESIZE))
            return [
                (__rlimit_resource_t(RLIMIT_AS.rawValue), sizes[0]),
                (__rlimit_resource_t(RLIMIT_DATA.rawValue), sizes[5]),
            ]
            .map { resource, used in
                var limit = rlimit()
                guard getrlimit(resource, &limit) == 0, limit.rlim_cur < UInt(Int.max) else { return nil }
                return Int(limit.rlim_cur) - used * page
            }
        #else
            return []
        #endif
    }

    private static func number(_ path: String) -> Int? {
        read(path).flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }

    private static func read(_ path: String) -> String? {
        (try? InputFile(path: path).readToEnd(limit: 1 << 20)).map { String(decoding: $0, as: UTF8.self) }
    }
}

extension Int {
    /// The sum, or the largest number where it would be larger: a size to compare with what there is.
    func addedOrMax(_ other: Int) -> Int {
        let (sum, overflows) = addingReportingOverflow(other)
        return overflows ? .max : sum
    }

    /// The product, or the largest number where it would be larger: a size to compare with what there is.
    func multipliedOrMax(by other: Int) -> Int {
        let (product, overflows) = multipliedReportingOverflow(by: other)
        return overflows ? .max : product
    }
}
