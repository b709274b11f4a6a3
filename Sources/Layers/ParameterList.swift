import Autograd

/// A parameter and its name, such as `blocks.0.attention.projection.weight`.
public struct NamedParameter {
    /// Where the parameter is in the model.
    public let name: String
    /// Its numbers.
    public let tensor: Tensor
}

/// The list of all parameters of a model, written by the layers as they are made.
///
/// A layer asks for its parameters by name. The optimiser, checkpoints, counts and inspection all walk this one list, so
/// a parameter that it lacks cannot exist.
public final class ParameterList {
    /// Makes a parameter, given its full name, its shape and how it starts.
    public typealias Source = (_ name: String, _ shape: Shape, _ initialisation: Initialisation) throws -> Tensor

    /// What parent and children share.
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

    /// Creates an empty list.
    ///
    /// - Parameter source: Where parameters come from: a checkpoint, say.
    public convenience init(source: @escaping Source) { self.init(Storage(source: source), prefix: "") }

    /// Creates an empty list whose parameters start at random.
    ///
    /// Each parameter has random numbers of its own, so that one more does not change the others.
    public convenience init(seed: UInt64) {
        var count: UInt64 = 0
        self.init { _, shape, initialisation in
            defer { count += 1 }
            var random = RandomStream(seed: seed, purpose: .initialisation, counter: count)
            return .parameter(initialisation.values(count: shape.count, &random), shape: shape)
        }
    }

    /// All parameters so far, in the order in which they were made.
    public var all: [NamedParameter] { storage.parameters }

    /// The same list for a part of the model, whose names begin with `name` and a dot.
    public func scope(_ name: String) -> ParameterList { ParameterList(storage, prefix: prefix + name + ".") }

    /// Makes a parameter and writes it down.
    public func make(_ name: String, shape: Shape, _ initialisation: Initialisation) throws -> Tensor {
        let tensor = try storage.source(prefix + name, shape, initialisation)
        precondition(tensor.shape == shape, "\(prefix + name) should have the shape \(shape), got \(tensor.shape)")
        storage.parameters.append(NamedParameter(name: prefix + name, tensor: tensor))
        return tensor
    }

    func nextDropoutSite() -> UInt64 {
        defer { storage.dropoutSites += 1 }
        return storage.dropoutSites
    }
}
