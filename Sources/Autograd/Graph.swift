import Foundation

/// The recorded graph of a tensor, printable as text, in Graphviz's language, or as an SVG drawing.
///
/// Numbers among the results are shown with their values, with names that are given, and with the gradients of a backward pass:
///
///     let (a, b) = (Tensor.parameter(-4), Tensor.parameter(2))
///     let loss = a * b
///     let graph = loss.graph(names: ["a": a, "loss": loss])!
///     print(graph.with(loss.gradients(keepingAll: true)))
///     // 0: a: parameter () value -4.0000 gradient 2.0000
///     // 1: parameter () value 2.0000 gradient -4.0000
///     // 2: loss: * () <- 0, 1 value -8.0000 gradient 1.0000
public struct Graph: CustomStringConvertible {
    /// A node of the graph: an operation, or a parameter, which has no inputs.
    public struct Operation: Equatable, Sendable {
        /// The operation's name; `parameter` for a parameter.
        public let name: String
        /// The shape of its result.
        public let shape: Shape
        /// The operands' indices in ``Graph/operations``; constants are left out.
        public let inputs: [Int]
        /// The name that was given to its result.
        public let label: String?
        /// Its result if that is one number.
        public let value: Float?
        /// The derivative with respect to its result, if that is one number and the derivative was kept.
        public fileprivate(set) var gradient: Float?

        /// `loss: *`
        fileprivate var title: String { (label.map { $0 + ": " } ?? "") + name }

        /// Value and gradient, as far as they are known.
        fileprivate var numbers: [String] {
            [("value", value), ("gradient", gradient)].compactMap { word, number in
                number.map { "\(word) " + String(format: "%.4f", $0) }
            }
        }
    }

    /// The nodes in topological order: every operation after its operands, the tensor's own last. Parameters count as nodes,
    /// constants do not.
    public private(set) var operations: [Operation]
    /// The numbers by which gradients know the nodes.
    private let numbers: [Int]

    init(_ root: Node, names: [String: Tensor] = [:]) {
        let nodes = root.ancestors.reversed()
        let places = Dictionary(
            uniqueKeysWithValues: nodes.enumerated().map { (ObjectIdentifier($0.element), $0.offset) })
        let labels = Dictionary(
            names.compactMap { name, tensor in tensor.node.map { ($0.number, name) } }, uniquingKeysWith: min)
        numbers = nodes.map(\.number)
        operations = nodes.map { node in
            Operation(
                name: node.operation, shape: node.shape,
                inputs: node.inputs.compactMap { $0.flatMap { places[ObjectIdentifier($0)] } },
                label: labels[node.number], value: node.scalar?[0])
        }
    }

    /// The same graph with the gradients of a backward pass, as far as these were kept.
    public func with(_ gradients: Gradients) -> Graph {
        var graph = self
        for (place, number) in numbers.enumerated() {
            graph.operations[place].gradient = gradients.scalar(ofNode: number)
        }
        return graph
    }

    /// A line for each operation: `4: * (2, 3) <- 0, 2`; of a number its value, too.
    public var description: String {
        operations.enumerated().map { place, operation in
            let inputs = operation.inputs.map(String.init).joined(separator: ", ")
            let parts = ["\(place): \(operation.title) \(operation.shape)"] + (inputs.isEmpty ? [] : ["<- \(inputs)"])
            return (parts + operation.numbers).joined(separator: " ") + "\n"
        }.joined()
    }

    /// The graph in Graphviz's language: `dot -Tpng`.
    public var dot: String {
        let lines = operations.enumerated().map { place, operation in
            let shape = operation.inputs.isEmpty ? "box" : "ellipse"
            let title = operation.title.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            let label = ([title, "\(operation.shape)"] + operation.numbers).joined(separator: "\\n")
            return "  n\(place) [label=\"\(label)\", shape=\(shape)];\n"
                + operation.inputs.map { "  n\($0) -> n\(place);\n" }.joined()
        }
        return "digraph {\n  rankdir=LR;\n" + lines.joined() + "}\n"
    }

    /// The graph as an SVG drawing: each operation stands to the right of all its inputs. For graphs of up to some hundred
    /// operations; larger ones have too many edges to follow.
    public var svg: String {
        let mostNumbers = operations.map(\.numbers.count).max() ?? 0
        let (width, height) = (130, 40 + 15 * mostNumbers)
        let (column, row) = (width + 40, height + 20)
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
            let title = operation.title.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
            let texts = ([title, "\(operation.shape)"] + operation.numbers).enumerated().map { line, text in
                "<text x=\"\(corner.x + width / 2)\" y=\"\(corner.y + 17 + 15 * line)\">\(text)</text>"
            }
            return """
                <rect x="\(corner.x)" y="\(corner.y)" width="\(width)" height="\(height)" rx="\(radius)" fill="#f2f3f1" \
                stroke="#3e70aa"/>
                \(texts.joined())

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
    /// The operations that this tensor was computed by; nil for a constant. ``gradients(keeping:keepingAll:)`` consumes the
    /// graph.
    public var graph: Graph? { graph(names: [:]) }

    /// The operations that this tensor was computed by, with names of results or parameters; nil for a constant.
    public func graph(names: [String: Tensor]) -> Graph? { node.map { Graph($0, names: names) } }
}
