import Foundation
import TinyGPT

/// Ending with a line and exit code 1, instead of a crash report, when the system has no memory left.
///
/// The computation cannot continue. Checkpoints are renamed into place, so those that exist are whole.
enum MemoryExhaustion {
    /// Prepares for both ways in which it shows: a buffer of the kernels is refused, which is told with its size, or a block of the
    /// Swift runtime, which prints a line of its own and aborts.
    static func prepare(for command: String, of program: Program) {
        let reassurance = program.reassurance.map { " " + $0 } ?? ""
        Compute.onMemoryExhaustion { bytes in
            try? StandardStreams.output.flush()
            LiveScreen.restore()
            StandardStreams.note(
                (StandardStreams.error.isTerminal ? "\n" : "")
                    + "\(program.name) \(command): out of memory: the system refused \(HumanNumbers.bytes(bytes)) more."
                    + reassurance + "\n")
            _exit(ExitCode.failure.rawValue)
        }
        abortNotice = strdup("\(program.name): out of memory.\(reassurance)\n")
        signal(SIGABRT, handleAbort)
    }
}

/// Made before there is any need of it, because a handler cannot allocate.
private nonisolated(unsafe) var abortNotice: UnsafeMutablePointer<CChar>?

/// Traps of Swift are SIGILL or SIGTRAP, and the kernels' (`require`) too, so an abort is an allocation that was refused; any other
/// reason, such as heap damage, has been printed by the C library before it aborts. Only calls that POSIX allows in a handler.
private func handleAbort(_ number: Int32) {
    LiveScreen.restore()
    if let abortNotice { _ = write(STDERR_FILENO, abortNotice, strlen(abortNotice)) }
    _exit(ExitCode.failure.rawValue)
}
