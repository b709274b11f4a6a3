/// The kind of decoder that a model is.
public enum Architecture: String, CaseIterable, Codable, Sendable {
    /// A decoder like GPT-2's (Radford et al. 2019), with layer norms and GELU, but with sinusoidal positions, which are added to
    /// the embedding.
    case classic
    /// That of today's open models, as in Qwen3 (Yang et al. 2025): RMSNorm, queries and keys that are normalized and rotated
    /// by their position, SwiGLU, and no biases.
    case modern

    /// The initialization of matrices whose products are added to the residual stream; from zero, each block begins as the
    /// identity.
    func residualInitialization(layers: Int) -> Initialization {
        switch self {
        case .classic: .residual(layers: layers)
        case .modern: .constant(0)
        }
    }
}
