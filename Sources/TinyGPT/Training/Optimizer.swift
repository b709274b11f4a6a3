import Autograd
import Kernels
import Layers

/// The optimizer of a whole model, which updates each parameter by the rule that fits its role: tables by `RowAdam`, hidden
/// matrices by ``Muon`` if it is chosen, everything else by ``AdamW``.
public final class Optimizer {
    /// The rules for hidden matrices.
    public enum Kind: String, CaseIterable, Codable, Sendable {
        /// AdamW, as for everything else but tables.
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
    /// - Parameters:
    ///   - parameters: Those of the model.
    ///   - settings: Hyperparameters.
    ///   - kind: The rule for hidden matrices.
    ///   - step: Updates made.
    ///   - stored: Provides each part of the ``state``, given its name and shape.
    package init(
        _ parameters: [NamedParameter], _ settings: AdamW.Settings, _ kind: Kind, step: Int,
        state stored: (_ name: String, _ shape: Shape) throws -> Tensor
    ) rethrows {
        let state = try Self.state(of: parameters, kind).map { name, shape in
            NamedParameter(name, try stored(name, shape))
        }
        let tensors = Dictionary(uniqueKeysWithValues: state.map { ($0.name, $0.tensor) })
        func part(_ part: Part, of group: [NamedParameter]) -> [Tensor] {
            group.map { tensors["\(part.rawValue).\($0.name)"]! }
        }
        let (others, hidden, tables) = Self.groups(parameters, kind)
        adamW = AdamW(
            others, settings, step: step, firstMoments: part(.firstMoment, of: others),
            secondMoments: part(.secondMoment, of: others))
        muon = Muon(hidden, weightDecay: settings.weightDecay, momenta: part(.momentum, of: hidden))
        rowAdam = RowAdam(
            tables, settings, secondMoments: part(.secondMoment, of: tables), lastSteps: part(.lastStep, of: tables))
        (self.parameters, self.state) = (parameters, state)
    }

    /// What rules keep, by its name in checkpoints.
    private enum Part: String {
        case firstMoment = "first_moment"
        case secondMoment = "second_moment"
        case momentum
        case lastStep = "last_step"
    }

    /// What a part of the ``state`` can hold after `step` updates: a mean of squares, of which the root is taken, is not
    /// negative, and no row was used in a later step.
    package static func range(of name: String, after step: Int) -> ClosedRange<Float> {
        switch Part(rawValue: String(name.prefix { $0 != "." })) {
        case .secondMoment: 0...Float.greatestFiniteMagnitude
        case .lastStep: 0...Float(step)
        default: -Float.greatestFiniteMagnitude...Float.greatestFiniteMagnitude
        }
    }

    /// The names and shapes of the ``state`` for these parameters.
    package static func state(of parameters: [NamedParameter], _ kind: Kind) -> [(name: String, shape: Shape)] {
        let (others, hidden, tables) = groups(parameters, kind)
        func parts(_ group: [NamedParameter], _ parts: [Part]) -> [(name: String, shape: Shape)] {
            group.flatMap { parameter in
                parts.map { part in
                    let shape = parameter.tensor.shape
                    return ("\(part.rawValue).\(parameter.name)", part == .lastStep ? [shape[0]] : shape)
                }
            }
        }
        return parts(others, [.firstMoment, .secondMoment]) + parts(hidden, [.momentum])
            + parts(tables, [.secondMoment, .lastStep])
    }

    /// The parameters of each rule: AdamW's, Muon's and RowAdam's.
    private static func groups(
        _ parameters: [NamedParameter], _ kind: Kind
    ) -> (others: [NamedParameter], hidden: [NamedParameter], tables: [NamedParameter]) {
        let tables = parameters.filter { $0.role == .table }
        let hidden = kind == .muon ? parameters.filter(\.role.isHidden) : []
        let others = parameters.filter { $0.role != .table && !(kind == .muon && $0.role.isHidden) }
        return (others, hidden, tables)
    }

    /// The global norm: the Euclidean norm of the gradients of all parameters together.
    public func norm(of gradients: Gradients) -> Double {
        ReductionKernel.sumOfSquares(
            parameters.compactMap { gradients.rows(of: $0.tensor)?.buffer ?? gradients.buffer(for: $0.tensor) }
        ).squareRoot()
    }

    /// Updates the parameters in place by one step.
    ///
    /// - Parameters:
    ///   - gradients: Those of the loss; a parameter without one stays as it is.
    ///   - norm: Their ``norm(of:)``.
    ///   - learningRate: The rate, at least 0.
    /// - Precondition: Norm and rate are finite.
    public func update(_ gradients: Gradients, norm: Double, learningRate: Double) {
        let scale = adamW.gradientScale(norm: norm)
        adamW.update(gradients, norm: norm, learningRate: learningRate)
        muon.update(gradients, gradientScale: scale, learningRate: learningRate)
        rowAdam.update(gradients, step: step, gradientScale: scale, learningRate: learningRate)
    }
}
