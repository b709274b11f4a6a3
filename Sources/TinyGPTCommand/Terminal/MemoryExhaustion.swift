import Foundation
import TinyGPT

/// Ending with a line and exit code 1, instead of a crash report, when the system has no memory left.
///
/// The computation cannot continue. Checkpoints are renamed into place, so those that exist are whole.
enum MemoryExhaustion {
    /// Prepares for both forms: a buffer of the kernels is refused, which is reported with its size, or a
    /// smaller block of the Swift runtime, which prints a line of its own and aborts.
    static func prepare(for command: String) {
        Compute.onMemoryExhaustion { bytes in
            try? StandardStreams.output.flush()
            StandardStreams.note(
                (StandardStreams.error.isTerminal ? "\n" : "")
                    + "tinygpt \(command): out of memory: the system refused \(HumanNumbers.bytes(bytes)) more. "
                    + "Checkpoints saved so far are intact.\n")
            _exit(ExitCode.failure.rawValue)
        }
        signal(SIGABRT, handleAbort)
    }
}

/// Tells the abort of an allocation from all others by asking the system for memory, with what POSIX allows in a signal
/// handler.
private func handleAbort(_ number: Int32) {
    let probe = 1 << 26
    let address = mmap(nil, probe, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
    if address == MAP_FAILED {
        let message: StaticString = "tinygpt: out of memory. Checkpoints saved so far are intact.\n"
        _ = write(STDERR_FILENO, message.utf8Start, message.utf8CodeUnitCount)
        _exit(1)
    }
    signal(number, SIG_DFL)
    kill(getpid(), number)
}
