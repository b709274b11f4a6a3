import Foundation
import Testing

@testable import TinyGPTCommand

@Suite("Interruption")
struct InterruptionTests {
    @Test("The first Ctrl-C is recorded with a notice, and after cleaning up the process dies by it")
    func cleanStop() async throws {
        let result = try #require(
            await #expect(processExitsWith: .signal(SIGINT), observing: [\.standardErrorContent]) {
                stopCleanly(SIGINT)
            })
        #expect(String(decoding: result.standardErrorContent, as: UTF8.self).hasSuffix(Self.notice))
    }

    @Test("SIGTERM stops in the same way and leaves its own mark")
    func termination() async throws {
        let result = try #require(
            await #expect(processExitsWith: .signal(SIGTERM), observing: [\.standardErrorContent]) {
                stopCleanly(SIGTERM)
            })
        #expect(String(decoding: result.standardErrorContent, as: UTF8.self).hasSuffix(Self.notice))
    }

    private static let notice = "stopping after this step and saving; again to quit now\ncleaning up\n"

    @Test("A second signal ends the process at once")
    func secondSignal() async {
        await #expect(processExitsWith: .signal(SIGTERM)) {
            Interruption.install()
            send(SIGINT)
            kill(getpid(), SIGTERM)
            sleep(5)
            exit(0)
        }
    }
}

/// Sends this process a signal as another process would, and waits at most five seconds until it is recorded: any thread may
/// receive it.
private func send(_ number: Int32) {
    kill(getpid(), number)
    for _ in 0..<5000 where !Interruption.isRequested {
        usleep(1000)
    }
    precondition(Interruption.isRequested)
}

/// Is stopped by a signal, cleans up, and dies by it.
private func stopCleanly(_ number: Int32) -> Never {
    Interruption.install()
    precondition(!Interruption.isRequested)
    send(number)
    StandardStreams.note("cleaning up\n")
    Interruption.die()
}
