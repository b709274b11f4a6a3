import Kernels
import Synchronization

/// One operation in the recorded graph.
final class Node {
    /// Turns the gradient of the operation's result into those of its inputs, nil for inputs that have none.
    typealias Backward = (Buffer) -> [Buffer?]

    /// What the operation is called, for people.
    let operation: String
    /// The shape of its result.
    let shape: Shape
    /// The order in which operations were recorded. An operation comes after all its inputs.
    let number: Int
    /// The operations whose results this one used, in order; nil for constants.
    private(set) var inputs: [Node?]
    /// Nil for parameters, and once a backward pass has come through.
    private(set) var backward: Backward?
    /// Whether a backward pass has come through.
    private(set) var isConsumed = false

    private static let count = Atomic<Int>(0)

    init(operation: String, shape: Shape, inputs: [Node?] = [], backward: Backward? = nil) {
        self.operation = operation
        self.shape = shape
        self.inputs = inputs
        self.backward = backward
        number = Self.count.wrappingAdd(1, ordering: .relaxed).newValue
    }

    /// Whether this is a parameter rather than an operation.
    var isParameter: Bool { inputs.isEmpty && !isConsumed }

    /// All nodes that this one was made from and itself, each after those that use it.
    var ancestors: [Node] {
        var found: Set<ObjectIdentifier> = [ObjectIdentifier(self)]
        var nodes = [self]
        var next = 0
        while next < nodes.count {
            for case let input? in nodes[next].inputs where found.insert(ObjectIdentifier(input)).inserted {
                nodes.append(input)
            }
            next += 1
        }
        return nodes.sorted { $0.number > $1.number }
    }

    /// Lets go of everything that was kept for the backward pass, which has come through.
    func consume() {
        inputs = []
        backward = nil
        isConsumed = true
    }
}

extension Tensor {
    /// The result of an operation, remembered if any input is tracked.
    ///
    /// - Parameters:
    ///   - operation: What the operation is called.
    ///   - shape: The shape of the result.
    ///   - buffer: The result.
    ///   - inputs: What it was made of.
    ///   - recipe: How to make the result again, if that is cheap.
    ///   - backward: The gradients of the inputs, in order, given that of the result.
    /// - Returns: The result as a tensor.
    static func recorded(
        _ operation: String, shape: Shape, buffer: Buffer, inputs: [Tensor], recipe: (() -> Buffer)? = nil,
        backward: @escaping Node.Backward
    ) -> Tensor {
        guard inputs.contains(where: \.isTracked) else { return Tensor(shape: shape, buffer: buffer) }
        let node = Node(operation: operation, shape: shape, inputs: inputs.map(\.node), backward: backward)
        return Tensor(shape: shape, buffer: buffer, node: node, recipe: recipe)
    }

    /// What an operation keeps of an input for its backward pass: the numbers, or how to make them again.
    var kept: () -> Buffer {
        if let recipe { return recipe }
        return { [buffer] in buffer }
    }
}
