import Autograd
import Kernels
import Layers

/// The gradients of a step's shares on their way between processes, and their sum, which is the same on each.
///
/// The gradient of a parameter travels as soon as the backward pass has completed it. Those of tables are rows, different ones in
/// every share, and travel after it.
final class GradientExchange {
    private let processes: Processes
    private let tables: [NamedParameter]
    /// The other parameters and their sums, in the order in which they are made, which is the reverse of that of gradients.
    private let others: [NamedParameter]
    private let sums: [BufferSum]
    /// The place among the sums of each parameter, by its number.
    private let places: [Int: Int]
    /// The gradients of rows of this process's shares, share after share and of each table: the values, and before the indices of
    /// the rows their number.
    private var rows: [Float] = []
    private var rowIndices: [Int32] = []
    /// The places of the parameters whose gradients of the share at hand are sent.
    private var sent: Set<Int> = []

    /// The exchange of a step; nil where one process does all of it.
    init?(_ parameters: [NamedParameter], shares: Int, among processes: Processes) {
        guard let group = processes.group else { return nil }
        self.processes = processes
        tables = parameters.filter { $0.role == .table }
        let others = parameters.filter { $0.role != .table }
        self.others = others
        sums = others.enumerated().map { number, parameter in
            BufferSum(of: parameter.tensor.shape.count, number: number, shares: shares, among: group)
        }
        places = Dictionary(
            uniqueKeysWithValues: others.enumerated().map { ($0.element.tensor.parameterNumber!, $0.offset) })
    }

    /// Sends the gradient of a parameter, by its number, of a share.
    func send(_ gradient: Buffer, ofParameter number: Int, share: Int) {
        guard let place = places[number] else { return }
        sums[place].add(gradient, of: share)
        sent.insert(place)
        for place in sent { sums[place].advance() }
    }

    /// Sends what was not yet sent of the gradients of a share.
    func send(_ gradients: Gradients, ofShare share: Int) {
        for (place, parameter) in others.enumerated() where !sent.contains(place) {
            guard let gradient = gradients.buffer(for: parameter.tensor) else {
                preconditionFailure("the loss does not depend on \(parameter.name)")
            }
            sums[place].add(gradient, of: share)
        }
        sent = []
        for table in tables {
            let part = gradients.rows(of: table.tensor)
            rowIndices += [Int32(part?.rows.count ?? 0)] + (part?.rows ?? [])
            rows += part?.buffer.array ?? []
        }
    }

    /// Waits for all processes.
    ///
    /// - Returns: The sums over all shares, in their order.
    func finish() -> Gradients {
        for sum in sums.reversed() { sum.waitForParts() }
        let dense = zip(others, sums).map { ($0.tensor, $1.finish()) }
        return Gradients(dense, rows: tables.isEmpty ? [] : rowGradients())
    }

    private func rowGradients() -> [(Tensor, [Gradients.RowGradient])] {
        var parts = tables.map { ($0.tensor, [Gradients.RowGradient]()) }
        for (indices, values) in zip(processes.gather(rowIndices), processes.gather(rows)) {
            var (index, value) = (0, 0)
            while index < indices.count {
                for place in parts.indices {
                    let (count, width) = (Int(indices[index]), parts[place].0.shape[-1])
                    parts[place].1.append(
                        Gradients.RowGradient(
                            rows: Array(indices[index + 1..<index + 1 + count]),
                            buffer: Buffer(Array(values[value..<value + count * width]))))
                    index += 1 + count
                    value += count * width
                }
            }
        }
        return parts
    }
}
