/// The distribution of a parameter's initial values.
public enum Initialization: Equatable, Sendable {
    /// Every element is the same.
    case constant(Float)
    /// Elements are independent and normally distributed, with mean 0 and the given standard deviation.
    case normal(deviation: Float)

    /// The standard deviation 0.02 that GPT-2 gives every matrix.
    public static let matrix = Initialization.normal(deviation: 0.02)

    /// 0.02 / sqrt(2 layers), for matrices whose product is added to the residual stream: 2 x `layers` of them feed it, and
    /// the smaller deviation keeps its variance from growing with the depth (Radford et al. 2019, section 2.3).
    public static func residual(layers: Int) -> Initialization {
        .normal(deviation: 0.02 / (2 * Float(layers)).squareRoot())
    }

    func values(count: Int, _ random: inout RandomStream) -> [Float] {
        switch self {
        case .constant(let value): [Float](repeating: value, count: count)
        case .normal(let deviation): (0..<count).map { _ in Float(random.normal()) * deviation }
        }
    }
}
