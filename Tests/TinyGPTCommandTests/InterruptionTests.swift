import Foundation
import Testing

@testable import Console
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

    @Test("The end of a terminal session stops in the same way, unless it is ignored as under nohup")
    func hangup() async {
        await #expect(processExitsWith: .signal(SIGHUP)) { stopCleanly(SIGHUP) }
        await #expect(processExitsWith: .success) {
            signal(SIGHUP, SIG_IGN)
            Interruption.install()
            kill(getpid(), SIGHUP)
            usleep(20_000)
            exit(Interruption.isRequested ? 1 : 0)
        }
    }

    private static let notice = "finishing this step and saving; press Ctrl-C again to quit immediately\ncleaning up\n"

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
