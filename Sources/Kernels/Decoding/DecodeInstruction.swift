/// A kernel of a decode step with its operands' addresses, which are not reference-counted.
enum DecodeInstruction {
    typealias Activations = DecodeProgram.Activations

    case embed(table: MatrixView, into: Activations)
    case addRow(table: MatrixView, number: Int, to: Activations)
    case addPosition(MatrixView, to: Activations)
    case layerNorm(Activations, weight: UnsafePointer<Float>, bias: UnsafePointer<Float>?, into: Activations)
    case rmsNorm(Activations, weight: UnsafePointer<Float>, into: Activations)
    case columnParallel(Activations, MatrixView, bias: MatrixView?, sections: Int, into: Activations)
    case gelu(Activations)
    case swiGLU(Activations, into: Activations)
    case rotary(Activations, RotaryKernel.View)
    case attend(Activations, KeyValueCache.View, into: Activations)
    case addRowParallel(Activations, MatrixView, bias: MatrixView?, partials: Int, to: Activations)
    case logits(Activations, MatrixView, threads: Int, into: MatrixView)
}
