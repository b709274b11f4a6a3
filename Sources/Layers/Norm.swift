import Autograd
import Kernels

/// The normalization of an architecture.
public enum Norm {
    /// Layer normalization, of ``Architecture/classic``.
    case layer(LayerNorm)
    /// Root mean square normalization, of ``Architecture/modern``.
    case rms(RMSNorm)

    /// Makes the parameters of the norm that the architecture has.
    ///
    /// - Parameters:
    ///   - parameters: The list that the parameters are made by and added to.
    ///   - architecture: The kind of model.
    ///   - width: The width C, at least 1.
    ///   - bias: Whether a layer norm has a bias.
    /// - Throws: What the list throws.
    public init<Failure>(
        _ parameters: ParameterList<Failure>, _ architecture: Architecture, width: Int, bias: Bool
    ) throws(Failure) {
        switch architecture {
        case .classic: self = .layer(try LayerNorm(parameters, width: width, bias: bias))
        case .modern: self = .rms(try RMSNorm(parameters, width: width))
        }
    }

    /// The normalized rows.
    ///
    /// Shape: (..., C) -> (..., C)
    public func callAsFunction(_ x: Tensor) -> Tensor {
        switch self {
        case .layer(let norm): norm(x)
        case .rms(let norm): norm(x)
        }
    }

    /// Records the decode step: the layer for one new token of each text.
    package func decode(_ x: DecodeProgram.Activations, in program: DecodeProgram) -> DecodeProgram.Activations {
        switch self {
        case .layer(let norm): norm.decode(x, in: program)
        case .rms(let norm): norm.decode(x, in: program)
        }
    }
}
