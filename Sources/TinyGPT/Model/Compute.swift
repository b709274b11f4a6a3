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

    /// Checks that this CPU has the instructions that the kernels were compiled for. Called first, because the alternative is
    /// to die of an illegal instruction in the middle of a matrix product.
    ///
    /// - Throws: ``TinyGPTError/missingInstructions(_:)``.
    public static func check() throws {
        if let missing = InstructionSet.missing { throw TinyGPTError.missingInstructions(missing) }
    }
}
