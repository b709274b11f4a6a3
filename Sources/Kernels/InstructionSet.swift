import CPUSupport

/// What the kernels were compiled for, and whether the CPU that runs them has it.
package enum InstructionSet {
    /// The name of the instruction set, for people: "AVX-512", "AVX2", "NEON" or "portable".
    package static var compiled: String { String(cString: compiledInstructionSet()) }

    /// The extension that the kernels use and this CPU lacks, if there is one. To be checked at start, because an illegal
    /// instruction would end the process in the middle of a product.
    package static var missing: String? { missingInstructionSet().map { String(cString: $0) } }
}
