import Autograd
import Kernels

/// The feed-forward layer of a block (MLP), for each position by itself: `down(gelu(up(x)))`.
public struct FeedForward {
    /// Widens four times. Shape: (C, 4C)
    public let up: Linear
    /// Narrows again. Shape: (4C, C)
    public let down: Linear

    /// Makes the parameters under `up` and `down`.
    ///
    /// - Parameters:
    ///   - parameters: The list that the parameters are made by and added to.
    ///   - width: Channels C.
    ///   - layers: Blocks of the model, for the initialization of `down`.
    ///   - bias: Whether the linear layers have biases.
    /// - Throws: What the list throws.
    public init<Failure>(
        _ parameters: ParameterList<Failure>, width: Int, layers: Int, bias: Bool
    ) throws(Failure) {
        up = try Linear(parameters.scope("up"), inputs: width, outputs: 4 * width, bias: bias)
        down = try Linear(
            parameters.scope("down"), inputs: 4 * width, outputs: width, bias: bias,
            initialization: .residual(layers: layers))
    }

    /// Shape: (..., C) -> (..., C)
    public func callAsFunction(_ x: Tensor) -> Tensor { down(afterGELU: up(x)) }

    /// Records the decode step: `h += self(x)` for one new token of each text.
    package func decode(
        _ x: DecodeProgram.Activations, addingTo h: DecodeProgram.Activations, in program: DecodeProgram
    ) {
        let wide = program.columnParallel(x, up.weight.matrix, bias: up.bias?.buffer)
        program.gelu(wide)
        program.addRowParallel(wide, down.weight.matrix, bias: down.bias?.buffer, to: h)
    }
}
