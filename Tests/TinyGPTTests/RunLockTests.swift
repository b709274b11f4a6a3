import Foundation
import Testing

@testable import TinyGPT

@Suite("The lock of a run")
struct RunLockTests {
    let folder: TemporaryFolder
    private var run: RunFolder { RunFolder(path: folder.path) }

    init() throws { folder = try TemporaryFolder() }

    @Test("A run has one writer, and another one when the first has gone")
    func oneWriter() throws {
        var lock: RunLock? = try RunLock(run)
        #expect(lock?.isEnforced == true)
        #expect(throws: TinyGPTError.runInUse(folder.path)) { _ = try RunLock(run) }
        lock = nil
        _ = try RunLock(run)
    }

    @Test("A folder that another process has used meanwhile is no longer new")
    func usedMeanwhile() throws {
        let created = try RunFolder.create(at: folder["new"])
        _ = try RunLock(created, isNew: true)
        try folder.write("new/config.json", "{}")
        #expect(throws: TinyGPTError.runExists(created.path)) { _ = try RunLock(created, isNew: true) }
        #expect(throws: TinyGPTError.runExists(created.path)) { _ = try RunFolder.create(at: created.path) }
    }

    @Test("A folder that holds a lock's file alone is still empty")
    func emptyButForTheLock() throws {
        _ = try RunLock(RunFolder.create(at: folder["new"]), isNew: true)
        _ = try RunLock(RunFolder.create(at: folder["new"]), isNew: true)
    }

    @Test("Temporary files that a killed process has left are removed, others are not")
    func leftovers() throws {
        try folder.write(".tinygpt-999999999-abc.tmp", "half a checkpoint")
        // The test's parent is another process that is alive: it could be writing a page there.
        try folder.write(".tinygpt-\(getppid())-abc.tmp", "half a page")
        try folder.write("notes.tmp", "mine")
        _ = try RunLock(run)
        #expect(try Set(folder.contents()) == [".lock", ".tinygpt-\(getppid())-abc.tmp", "notes.tmp"])
    }
}
