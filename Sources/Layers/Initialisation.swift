/// How a parameter starts.
public enum Initialisation: Equatable, Sendable {
    /// Every number the same.
    case constant(Float)
    /// Normally distributed around 0.
    case normal(deviation: Float)

    /// The deviation that GPT-2 gives every matrix.
    public static let matrix = Initialisation.normal(deviation: 0.02)

    /// That of a matrix whose product is added to the residual stream, which 2 x `layers` of them feed: smaller, so that
    /// the stream does not grow with the depth (Radford et al. 2019, section 2.3).
    public static func residual(layers: Int) -> Initialisation {
        .normal(deviation: 0.02 / (2 * Float(layers)).squareRoot())
    }

    func values(count: Int, _ random: inout RandomStream) -> [Float] {
        switch self {
        case .constant(let value): [Float](repeating: value, count: count)
        case .normal(let deviation): (0..<count).map { _ in Float(random.normal()) * deviation }
        }
    }
}
