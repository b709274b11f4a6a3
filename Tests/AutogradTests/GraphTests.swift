import Autograd
import Foundation
import Kernels
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite("The recorded graph")
struct GraphTests {
    private let a = Tensor.parameter(-4)
    private let b = Tensor.parameter(2)

    @Test("A graph lists every operation once, after its inputs")
    func text() throws {
        let product = a * b
        let graph = try #require((product + product.relu()).graph)
        #expect(
            graph.description == """
                0: parameter () value -4.0000
                1: parameter () value 2.0000
                2: * () <- 0, 1 value -8.0000
                3: relu () <- 2 value 0.0000
                4: + () <- 2, 3 value -8.0000

                """)
        #expect(
            graph.dot.hasPrefix(
                "digraph {\n  rankdir=LR;\n  n0 [label=\"parameter\\n()\\nvalue -4.0000\", shape=box];\n"))
        #expect(graph.dot.contains("  n2 -> n4;\n  n3 -> n4;\n"))
        #expect(Tensor([1], shape: []).graph == nil)
    }

    @Test("Its drawing is well-formed and has a box for each operation")
    func drawing() throws {
        let svg = try #require((a * b + b).graph).svg
        #expect(XMLParser(data: Data(svg.utf8)).parse())
        #expect(svg.components(separatedBy: "<rect").count - 1 == 4)
    }

    @Test("With names and gradients, text, Graphviz and drawing show them, also names with special characters")
    func namesAndGradients() throws {
        let product = a * b
        let vector = Tensor.parameter([1, 2], shape: [2])
        let loss = product + (vector * vector).sum()
        let graph = try #require(loss.graph(names: ["a": a, "p <\"1\" & 2>": product, "v": vector]))
        let full = graph.with(loss.gradients(keepingAll: true))
        #expect(
            full.description == """
                0: a: parameter () value -4.0000 gradient 2.0000
                1: parameter () value 2.0000 gradient -4.0000
                2: p <"1" & 2>: * () <- 0, 1 value -8.0000 gradient 1.0000
                3: v: parameter (2)
                4: * (2) <- 3, 3
                5: sum () <- 4 value 5.0000 gradient 1.0000
                6: + () <- 2, 5 value -3.0000 gradient 1.0000

                """)
        #expect(full.dot.contains(#"[label="p <\"1\" & 2>: *\n()\nvalue -8.0000\ngradient 1.0000", shape=ellipse]"#))
        #expect(XMLParser(data: Data(full.svg.utf8)).parse())
        #expect(full.svg.contains(">gradient -4.0000</text>"))
        #expect(!graph.svg.contains("gradient"))
    }

    @Test("A gradient is handed out when it is complete, once, and before the backward pass goes on")
    func gradientsWhenComplete() {
        let (a, b, c) = (Tensor.parameter(2), Tensor.parameter(3), Tensor.parameter(5))
        func loss() -> Tensor { (a * b + a) * c }
        var given: [(number: Int, value: Float)] = []
        let gradients = loss().gradients { given.append(($0, $1[0])) }
        #expect(given.map(\.number) == [c, a, b].map { $0.parameterNumber! })
        #expect(given.map(\.value) == [8, 20, 10])
        let expected = loss().gradients()
        for parameter in [a, b, c] { #expect(gradients[parameter].scalar == expected[parameter].scalar) }
    }
}
