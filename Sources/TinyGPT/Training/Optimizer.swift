import Autograd
import Kernels
import Layers

/// The optimizer of a whole model, which updates each parameter by the rule that fits its role: tables by ``RowAdam``, hidden
/// matrices by ``Muon`` if it is chosen, everything else by ``AdamW``.
public final class Optimizer {
    /// The rules for hidden matrices.
    public enum Kind: String, CaseIterable, Codable, Sendable {
        /// AdamW, as for everything else.
        case adamw
        /// Muon.
        case muon
    }

    /// Updates made so far.
    public var step: Int { adamW.step }
    /// What the rules keep of earlier steps, by name: the rule's word, a dot, and the parameter's name.
    package let state: [NamedParameter]

    private let parameters: [NamedParameter]
    private let adamW: AdamW
    private let muon: Muon
    private let rowAdam: RowAdam

    /// An optimizer that has made no update.
    ///
    /// - Parameters:
    ///   - parameters: Those of the model.
    ///   - settings: Hyperparameters of AdamW, of which Muon shares the weight decay, and RowAdam beta2 and epsilon.
    ///   - kind: The rule for hidden matrices.
    public convenience init(
        _ parameters: [NamedParameter], _ settings: AdamW.Settings = .init(), _ kind: Kind = .adamw
    ) {
        self.init(parameters, settings, kind, step: 0) { _, shape in Tensor(repeating: 0, shape: shape) }
    }

    /// An optimizer that continues after `step` updates.
    ///
    /// - Parameter stored: Provides each part of the ``state``, given its name and shape.
    package init(
        _ parameters: [NamedParameter], _ settings: AdamW.Settings, _ kind: Kind, step: Int,
        state stored: (_ name: String, _ shape: Shape) throws -> Tensor
    ) rethrows {
        var state: [NamedParameter] = []
        func make(_ part: String, of group: [NamedParameter], _ shape: (Shape) -> Shape = { $0 }) throws -> [Tensor] {
            try group.map { parameter in
                let name = part + "." + parameter.name
                let tensor = try stored(name, shape(parameter.tensor.shape))
                state.append(NamedParameter(name, tensor))
                return tensor
            }
        }
        let tables = parameters.filter { $0.role == .table }
        let hidden = kind == .muon ? parameters.filter(\.role.isHidden) : []
        let others = parameters.filter { $0.role != .table && !(kind == .muon && $0.role.isHidden) }
        self.parameters = parameters
        adamW = AdamW(
            others, settings, step: step, firstMoments: try make("first_moment", of: others),
            secondMoments: try make("second_moment", of: others))
        muon = Muon(hidden, weightDecay: settings.weightDecay, momenta: try make("momentum", of: hidden))
        rowAdam = RowAdam(
            tables, settings, secondMoments: try make("second_moment", of: tables),
            lastSteps: try make("last_step", of: tables) { [$0[0]] })
        self.state = state
    }

    /// The global norm: the Euclidean norm of the gradients of all parameters together.
    public func norm(of gradients: Gradients) -> Double {
        ReductionKernel.sumOfSquares(
            parameters.compactMap { gradients.buffer(for: $0.tensor) ?? gradients.rows(of: $0.tensor)?.buffer }
        ).squareRoot()
    }

    /// Updates the parameters in place by one step.
    ///
    /// - Parameters:
    ///   - gradients: Those of the loss; a parameter without one stays as it is.
    ///   - norm: Their ``norm(of:)``.
    ///   - learningRate: The rate.
    public func update(_ gradients: Gradients, norm: Double, learningRate: Double) {
        let scale = adamW.gradientScale(norm: norm)
        adamW.update(gradients, norm: norm, learningRate: learningRate)
        muon.update(gradients, gradientScale: scale, learningRate: learningRate)
        rowAdam.update(gradients, step: step, gradientScale: scale, learningRate: learningRate)
    }
}
