/// The recorded graph of a tensor, printable as text, in Graphviz's language, or as an SVG drawing.
public struct Graph: CustomStringConvertible {
    /// A node of the graph: an operation, or a parameter, which has no inputs.
    public struct Operation: Equatable, Sendable {
        /// The operation's name; `parameter` for a parameter.
        public let name: String
        /// The shape of its result.
        public let shape: Shape
        /// The operands' indices in ``Graph/operations``; constants are left out.
        public let inputs: [Int]
    }

    /// The nodes in topological order: every operation after its operands, the tensor's own last. Parameters count as nodes,
    /// constants do not.
    public let operations: [Operation]

    init(_ root: Node) {
        let nodes = root.ancestors.reversed()
        let places = Dictionary(
            uniqueKeysWithValues: nodes.enumerated().map { (ObjectIdentifier($0.element), $0.offset) })
        operations = nodes.map { node in
            Operation(
                name: node.operation, shape: node.shape,
                inputs: node.inputs.compactMap { $0.flatMap { places[ObjectIdentifier($0)] } })
        }
    }

    /// A line for each operation: `4: * (2, 3) <- 0, 2`.
    public var description: String {
        operations.enumerated().map { place, operation in
            let inputs = operation.inputs.map(String.init).joined(separator: ", ")
            return "\(place): \(operation.name) \(operation.shape)" + (inputs.isEmpty ? "" : " <- \(inputs)") + "\n"
        }.joined()
    }

    /// The graph in Graphviz's language: `dot -Tpng`.
    public var dot: String {
        let lines = operations.enumerated().map { place, operation in
            let shape = operation.inputs.isEmpty ? "box" : "ellipse"
            return "  n\(place) [label=\"\(operation.name)\\n\(operation.shape)\", shape=\(shape)];\n"
                + operation.inputs.map { "  n\($0) -> n\(place);\n" }.joined()
        }
        return "digraph {\n  rankdir=LR;\n" + lines.joined() + "}\n"
    }

    /// The graph as an SVG drawing: each operation stands to the right of all its inputs. For graphs of up to some hundred
    /// operations; larger ones have too many edges to follow.
    public var svg: String {
        let (column, row, width, height) = (150, 60, 110, 40)
        var depths: [Int] = []
        for operation in operations { depths.append((operation.inputs.map { depths[$0] + 1 }.max()) ?? 0) }
        var taken = [Int](repeating: 0, count: (depths.max() ?? 0) + 1)
        let corners = depths.map { depth in
            defer { taken[depth] += 1 }
            return (x: 20 + depth * column, y: 20 + taken[depth] * row)
        }
        let lines = operations.enumerated().flatMap { place, operation in
            operation.inputs.map { input in
                let (from, to) = (corners[input], corners[place])
                let (x1, x2) = (from.x + width, to.x)
                let (y1, y2) = (from.y + height / 2, to.y + height / 2)
                let bend = (x1 + x2) / 2
                return
                    "<path d=\"M\(x1) \(y1)C\(bend) \(y1) \(bend) \(y2) \(x2) \(y2)\" fill=\"none\" stroke=\"#8a9199\"/>\n"
            }
        }
        let boxes = zip(operations, corners).map { operation, corner in
            let radius = operation.inputs.isEmpty ? 2 : 18
            let (x, y) = (corner.x + width / 2, corner.y)
            return """
                <rect x="\(corner.x)" y="\(y)" width="\(width)" height="\(height)" rx="\(radius)" fill="#f2f3f1" stroke="#3e70aa"/>
                <text x="\(x)" y="\(y + 17)">\(operation.name)</text><text x="\(x)" y="\(y + 32)">\(operation.shape)</text>

                """
        }
        let size = (width: 40 + taken.count * column, height: 40 + (taken.max() ?? 0) * row)
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(size.width)" height="\(size.height)" \
            font-family="system-ui, Helvetica, Arial, sans-serif" font-size="12" text-anchor="middle">
            <title>A graph of \(operations.count) operations</title>

            """ + lines.joined() + boxes.joined() + "</svg>\n"
    }
}

extension Tensor {
    /// The operations that this tensor was computed by; nil for a constant. ``gradients()`` consumes the graph.
    public var graph: Graph? { node.map { Graph($0) } }
}
