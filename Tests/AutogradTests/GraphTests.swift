import Autograd
import Foundation
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
                0: parameter ()
                1: parameter ()
                2: * () <- 0, 1
                3: relu () <- 2
                4: + () <- 2, 3

                """)
        #expect(graph.dot.hasPrefix("digraph {\n  rankdir=LR;\n  n0 [label=\"parameter\\n()\", shape=box];\n"))
        #expect(graph.dot.contains("  n2 -> n4;\n  n3 -> n4;\n"))
        #expect(Tensor([1], shape: []).graph == nil)
    }

    @Test("Its drawing is well-formed and has a box for each operation")
    func drawing() throws {
        let svg = try #require((a * b + b).graph).svg
        #expect(XMLParser(data: Data(svg.utf8)).parse())
        #expect(svg.components(separatedBy: "<rect").count - 1 == 4)
    }
}
