import Foundation
import Testing

@testable import TinyGPTCommand

@Suite("Interruption")
struct InterruptionTests {
    @Test("The first signal is noted and told, and in the end the process dies by it")
    func cleanStop() async throws {
        let result = try #require(
            await #expect(processExitsWith: .signal(SIGINT), observing: [\.standardErrorContent]) {
                Interruption.install()
                precondition(!Interruption.isRequested)
                send(SIGINT)
                Interruption.die()
            })
        let text = String(decoding: result.standardErrorContent, as: UTF8.self)
        #expect(text.hasSuffix("stopping after this step and saving; again to quit now\n"))
    }

    @Test("SIGTERM stops in the same way and leaves its own mark")
    func termination() async {
        await #expect(processExitsWith: .signal(SIGTERM)) {
            Interruption.install()
            send(SIGTERM)
            Interruption.die()
        }
    }

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

/// Sends this process a signal as another process would, and waits until it is noted: any thread may receive it.
private func send(_ number: Int32) {
    kill(getpid(), number)
    for _ in 0..<5000 where !Interruption.isRequested {
        usleep(1000)
    }
    precondition(Interruption.isRequested)
}
