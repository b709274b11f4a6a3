import Autograd

/// Two linear layers with a GELU between, for every character by itself.
public struct FeedForward {
    /// Widens four times. Shape: (C, 4C)
    public let up: Linear
    /// Narrows again. Shape: (4C, C)
    public let down: Linear

    /// Makes the parameters under `up` and `down`.
    public init(_ parameters: ParameterList, width: Int, layers: Int, bias: Bool) throws {
        up = try Linear(parameters.scope("up"), inputs: width, outputs: 4 * width, bias: bias)
        down = try Linear(
            parameters.scope("down"), inputs: 4 * width, outputs: width, bias: bias,
            initialisation: .residual(layers: layers))
    }

    /// Shape: (..., C) -> (..., C)
    public func callAsFunction(_ x: Tensor) -> Tensor { down(afterGELU: up(x)) }
}
