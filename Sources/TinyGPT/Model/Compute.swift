import Kernels

/// The hardware that models run on.
public enum Compute {
    /// Threads that share the work; one for each core unless set. Results do not depend on it.
    ///
    /// - Precondition: At least 1.
    public static var threads: Int {
        get { Parallel.threads }
        set { Parallel.threads = newValue }
    }

    /// The instruction set that the kernels were compiled for: "AVX-512", "AVX2", "NEON" or "portable".
    public static var instructionSet: String { InstructionSet.compiled }

    /// Sets what ends the process when the system has no memory left in the middle of a computation, which cannot continue. It is
    /// called with the bytes asked for, on the thread that asked; without it the process traps with a message.
    public static func onMemoryExhaustion(_ end: @escaping @Sendable (_ bytes: Int) -> Never) {
        BufferPool.exhausted = end
    }

    /// Checks that this CPU has the instructions that the kernels were compiled for. Called first, because the alternative is
    /// to die of an illegal instruction in the middle of a matrix product.
    ///
    /// - Throws: ``TinyGPTError/missingInstructions(_:)``.
    public static func check() throws {
        if let missing = InstructionSet.missing { throw TinyGPTError.missingInstructions(missing) }
    }
}
