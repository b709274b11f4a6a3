import Kernels
import Synchronization

/// One operation in the recorded graph.
final class Node {
    /// Computes the gradients of the inputs, in order, from that of the result; nil for inputs that need none.
    typealias Backward = (Buffer) -> [Buffer?]

    /// The operation's name in printed graphs.
    let operation: String
    /// The shape of the result.
    let shape: Shape
    /// The order of recording: an operation comes after all its inputs.
    let number: Int
    /// The nodes of the operands, in order; nil for constants.
    private(set) var inputs: [Node?]
    /// Nil for parameters, and after the backward pass.
    private(set) var backward: Backward?
    /// For rows picked from a table, the only input: which rows. Their gradient is kept for the table.
    let rows: [Int32]?
    /// The result if it is one number, for printed graphs.
    let scalar: Buffer?
    /// Whether the backward pass has used this node.
    private(set) var isConsumed = false

    private static let count = Atomic<Int>(0)

    init(
        operation: String, result: Buffer, shape: Shape, inputs: [Node?] = [], rows: [Int32]? = nil,
        backward: Backward? = nil
    ) {
        self.operation = operation
        self.shape = shape
        self.inputs = inputs
        self.backward = backward
        self.rows = rows
        scalar = result.count == 1 ? result : nil
        number = Self.count.wrappingAdd(1, ordering: .relaxed).newValue
    }

    /// Frees the nodes that only this one refers to in a loop. Left to the reference counts, a chain of 100,000 operations
    /// would be freed by as many nested calls, more than the stack holds.
    deinit {
        var pending = inputs
        inputs = []
        while !pending.isEmpty {
            guard var node = pending.removeLast(), isKnownUniquelyReferenced(&node) else { continue }
            pending += node.inputs
            node.inputs = []
        }
    }

    /// Whether this is a parameter rather than an operation.
    var isParameter: Bool { inputs.isEmpty && !isConsumed }

    /// This node and all that it was computed from, in reverse topological order: each after those that use it.
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

    /// The same nodes, in an order in which each parameter comes right after the last node that uses it.
    var ancestorsWithEarlyParameters: [Node] {
        let nodes = ancestors
        var uses: [Int: Int] = [:]
        for node in nodes {
            for case let input? in node.inputs where input.isParameter { uses[input.number, default: 0] += 1 }
        }
        return nodes.lazy.filter { !$0.isParameter || $0 === self }.flatMap { node in
            [node]
                + node.inputs.compactMap { input in
                    guard let input, input.isParameter else { return nil }
                    uses[input.number]! -= 1
                    return uses[input.number] == 0 ? input : nil
                }
        }
    }

    /// Frees what was saved for the backward pass, which has used it.
    func consume() {
        inputs = []
        backward = nil
        isConsumed = true
    }
}

extension Tensor {
    /// The result of an operation, recorded in the graph if any input is tracked.
    ///
    /// - Parameters:
    ///   - operation: The operation's name in printed graphs.
    ///   - shape: The shape of the result.
    ///   - buffer: The result.
    ///   - inputs: The operands.
    ///   - recompute: Computes the result again, where that is cheaper than saving it for the backward pass.
    ///   - backward: Computes the gradients of the operands, in order, from that of the result.
    /// - Returns: The result as a tensor.
    static func recorded(
        _ operation: String, shape: Shape, buffer: Buffer, inputs: [Tensor], recompute: (() -> Buffer)? = nil,
        backward: @escaping Node.Backward
    ) -> Tensor {
        guard inputs.contains(where: \.isTracked) else { return Tensor(shape: shape, buffer: buffer) }
        let node = Node(
            operation: operation, result: buffer, shape: shape, inputs: inputs.map(\.node), backward: backward)
        return Tensor(shape: shape, buffer: buffer, node: node, recompute: recompute)
    }

    /// The closure that recomputes a result of this operand; nil if the operand is itself recomputed.
    ///
    /// So recomputation is one level deep. In a chain of norms, say, closures would otherwise be called and freed one inside
    /// the other, as deep as the chain is long, and more operations would be repeated than a backward pass has.
    func recomputation(_ compute: @escaping (Buffer) -> Buffer) -> (() -> Buffer)? {
        guard recompute == nil else { return nil }
        return { [buffer] in compute(buffer) }
    }

    /// What an operation saves of an operand for its backward pass: the values, or the closure that recomputes them.
    var savedForBackward: () -> Buffer {
        if let recompute { return recompute }
        return { [buffer] in buffer }
    }
}
