import Foundation

@testable import Kernels

private let threadsLock = NSLock()

extension Parallel {
    /// Calls `body` with another number of ``threads``, which afterwards is as before. Calls on other threads wait, so that
    /// tests which compare numbers of threads can run at the same time.
    static func withThreads<Result>(_ count: Int, _ body: () throws -> Result) rethrows -> Result {
        try threadsLock.withLock {
            let before = threads
            defer { threads = before }
            threads = count
            return try body()
        }
    }
}
