import CPUSupport

/// What the kernels were compiled for, and whether the CPU that runs them has it.
package enum InstructionSet {
    /// The name of the instruction set, for people: "AVX-512", "AVX2", "NEON" or "portable".
    package static var compiled: String { String(cString: compiledInstructionSet()) }

    /// The extension that the kernels use and this CPU lacks, if there is one. Asked first thing at start, because the
    /// alternative is to die of an illegal instruction in the middle of a matmul.
    package static var missing: String? { missingInstructionSet().map { String(cString: $0) } }
}
