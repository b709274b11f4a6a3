import Kernels

/// What the model is computed with.
public enum Compute {
    /// How many threads share the work; at first one for each core. Results do not depend on it.
    public static var threads: Int {
        get { Parallel.threads }
        set { Parallel.threads = newValue }
    }

    /// The instruction set that the kernels were compiled for: "AVX-512", "AVX2", "NEON" or "portable".
    public static var instructionSet: String { InstructionSet.compiled }

    /// Checks that this CPU has the instructions that the kernels were compiled for.
    ///
    /// - Throws: `.failure`, with what is missing and how to build for this CPU.
    public static func check() throws {
        guard let missing = InstructionSet.missing else { return }
        throw TinyGPTError(
            .failure,
            """
            this program was compiled for \(missing), which this CPU lacks.
            Build it again here (swift build -c release), or for any CPU: TINYGPT_CPU=none swift build -c release
            """)
    }
}
