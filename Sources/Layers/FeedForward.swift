import Autograd
import Kernels

/// The feed-forward layer of a block (MLP), for each position by itself: `down(gelu(up(x)))`, or with a gate
/// `down(silu(gate(x)) * up(x))` (SwiGLU: Shazeer 2020).
public struct FeedForward {
    /// Widens. Shape: (C, F); with a gate (C, 2F), gates and ups side by side
    public let up: Linear
    /// Narrows again. Shape: (F, C)
    public let down: Linear
    /// Whether there is a gate.
    public let isGated: Bool

    /// Makes the parameters under `up`, or with a gate `gate_up`, and `down`.
    ///
    /// - Parameters:
    ///   - parameters: The list that the parameters are made by and added to.
    ///   - architecture: The kind of model: a modern one has a gate.
    ///   - width: The width C, at least 1.
    ///   - layers: Blocks of the model, at least 1, for the initialization of `down`.
    ///   - bias: Whether the linear layers have biases; must be false with a gate.
    /// - Throws: What the list throws.
    public init<Failure>(
        _ parameters: ParameterList<Failure>, _ architecture: Architecture = .classic, width: Int, layers: Int,
        bias: Bool
    ) throws(Failure) {
        isGated = architecture == .modern
        precondition(!isGated || !bias, "a feed-forward layer with a gate has no biases")
        let hidden = Self.hiddenWidth(architecture, width: width)
        up = try Linear(
            parameters.scope(isGated ? "gate_up" : "up"), inputs: width, outputs: isGated ? 2 * hidden : hidden,
            bias: bias, sections: isGated ? 2 : 1)
        down = try Linear(
            parameters.scope("down"), inputs: hidden, outputs: width, bias: bias,
            initialization: architecture.residualInitialization(layers: layers))
    }

    /// The hidden width F: 4C, or with a gate, for three matrices of about as many weights as two, 8C/3 rounded up to a
    /// multiple of 16.
    public static func hiddenWidth(_ architecture: Architecture, width: Int) -> Int {
        switch architecture {
        case .classic: 4 * width
        case .modern: (8 * width + 47) / 48 * 16
        }
    }

    /// The layer's output, to be added to the residual stream.
    ///
    /// Shape: the normalized residual stream (..., C) -> (..., C)
    ///
    /// - Parameters:
    ///   - x: The normalized residual stream.
    ///   - observe: Called with the activations of the neurons. Shape: (..., F)
    /// - Returns: The output.
    public func callAsFunction(_ x: Tensor, observe: ((Tensor) -> Void)? = nil) -> Tensor {
        guard let observe else { return isGated ? down(afterSwiGLU: up(x)) : down(afterGELU: up(x)) }
        let activations = isGated ? up(x).swiGLU() : up(x).gelu()
        observe(activations)
        return down(activations)
    }

    /// Records the decode step: `h += self(x)` for one new token of each text.
    package func decode(
        _ x: DecodeProgram.Activations, addingTo h: DecodeProgram.Activations, in program: DecodeProgram
    ) {
        let wide = program.columnParallel(
            x, up.weight.matrix, bias: up.bias?.buffer, sections: isGated ? 2 : 1)
        let active = isGated ? program.swiGLU(wide) : program.gelu(wide)
        program.addRowParallel(active, down.weight.matrix, bias: down.bias?.buffer, to: h)
    }
}
