import Autograd

/// A parameter of a model and its name, such as `blocks.0.attention.projection.weight`.
public struct NamedParameter {
    /// The parameter's path in the model, parts separated by dots.
    public let name: String
    /// Its values, tracked for gradients.
    public let tensor: Tensor
    /// What it does in the model, by which optimizers choose how to update it.
    public let role: Role

    /// What a parameter does in a model.
    public enum Role: Equatable, Sendable {
        /// A gain or a bias, the embedding or the LM head.
        case other
        /// A matrix between two hidden activations, or `sections` of the same size side by side, such as queries, keys and
        /// values.
        case hidden(sections: Int)
        /// A table of which each step uses a few rows.
        case table

        /// Whether it is a matrix between two hidden activations.
        public var isHidden: Bool { if case .hidden = self { true } else { false } }

        /// Matrices side by side in it.
        public var sections: Int { if case .hidden(let sections) = self { sections } else { 1 } }
    }

    /// Names a parameter, so that an optimizer can update it.
    ///
    /// - Parameters:
    ///   - name: A name that no other parameter has.
    ///   - tensor: A ``Tensor/parameter(_:shape:)``, or a constant of a frozen model.
    ///   - role: What it does in the model.
    public init(_ name: String, _ tensor: Tensor, _ role: Role = .other) {
        (self.name, self.tensor, self.role) = (name, tensor, role)
    }
}

/// The list of a model's parameters, filled by the layers as they are initialized.
///
/// A layer requests its parameters by name. Optimizer, checkpoints, counts and inspection all walk this one list, so no
/// parameter can be missing from one of them.
///
/// `Failure` is what the source of the parameters throws: `Never` for random ones, so that layers made from them cannot
/// fail, and an error for those read from a file.
public final class ParameterList<Failure: Error> {
    /// Provides a parameter, given its full name, its shape and its initialization.
    public typealias Source = (_ name: String, _ shape: Shape, _ initialization: Initialization) throws(Failure) ->
        Tensor

    /// Shared by a list and its scopes.
    private final class Storage {
        var parameters: [NamedParameter] = []
        var dropoutSites: UInt64 = 0
        let source: Source

        init(source: @escaping Source) { self.source = source }
    }

    private let storage: Storage
    private let prefix: String

    private init(_ storage: Storage, prefix: String) {
        self.storage = storage
        self.prefix = prefix
    }

    /// An empty list.
    ///
    /// - Parameter source: Provides the parameters: from a checkpoint, for example.
    public convenience init(source: @escaping Source) { self.init(Storage(source: source), prefix: "") }

    /// All parameters so far, in the order in which they were made.
    public var all: [NamedParameter] { storage.parameters }

    /// The same list for a part of the model, whose names begin with `name` and a dot.
    public func scope(_ name: String) -> ParameterList { ParameterList(storage, prefix: prefix + name + ".") }

    /// Obtains a parameter from the source and appends it to the list.
    ///
    /// - Parameters:
    ///   - name: The parameter's name in this scope, unlike all others there; its full name begins with the scope's.
    ///   - shape: Its shape.
    ///   - initialization: The distribution of its initial values, for a source that has no others.
    ///   - role: What it does in the model.
    /// - Returns: The parameter.
    /// - Throws: What the source throws.
    /// - Precondition: The source returns a tensor of this shape.
    public func make(
        _ name: String, shape: Shape, _ initialization: Initialization, _ role: NamedParameter.Role = .other
    ) throws(Failure) -> Tensor {
        let tensor = try storage.source(prefix + name, shape, initialization)
        precondition(tensor.shape == shape, "\(prefix + name) should have the shape \(shape), got \(tensor.shape)")
        storage.parameters.append(NamedParameter(prefix + name, tensor, role))
        return tensor
    }

    func nextDropoutSite() -> UInt64 {
        defer { storage.dropoutSites += 1 }
        return storage.dropoutSites
    }
}

extension ParameterList<Never> {
    /// An empty list whose parameters start at random.
    ///
    /// The n-th parameter is drawn from the n-th random stream of the seed, so its values do not depend on the sizes of those
    /// before it.
    ///
    /// - Parameter seed: The same seed gives the same parameters.
    public convenience init(seed: UInt64) {
        var count: UInt64 = 0
        self.init { _, shape, initialization in
            defer { count += 1 }
            var random = RandomStream(seed: seed, purpose: .initialization, counter: count)
            return .parameter(initialization.values(count: shape.count, &random), shape: shape)
        }
    }
}
