import Foundation
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

@testable import Lessons

@Suite("Drawings and numbers of lessons")
struct DrawingTests {
    @Test("Drawings are well-formed XML with the names in them, whatever these contain")
    func wellFormed() {
        let chart = LineChart("a < b & c", over: "step", ["\"one\"": [3, 1, .infinity], "two": [2]])
        let map = HeatMap([[0, 1], [0.5, 0.25]], names: ["<", ">"], columns: ["&", "long name"])
        for svg in [chart.svg, map.svg(title: "<>")] {
            #expect(XMLParser(data: Data(svg.utf8)).parse())
            #expect(svg.contains("prefers-color-scheme:dark") && !svg.contains("inf") && !svg.contains("nan"))
        }
        #expect(chart.svg.contains("a &lt; b &amp; c"))
    }

    @Test("Ticks are round, even, and enclose the values")
    func ticks() {
        #expect(LineChart.ticks([0, 19]) == [0, 5, 10, 15, 20])
        #expect(LineChart.ticks([0.013, 0.41]).last! >= 0.41)
        #expect(LineChart.ticks([3]).count >= 2)
        #expect(LineChart.ticks([]).count >= 2)
    }

    @Test("A number rounded to nothing has no sign")
    func fixed() {
        #expect((-0.001).fixed(2) == "0.00")
        #expect((-1.005 as Float).fixed(1) == "-1.0")
        #expect(Float(2).fixed(0) == "2")
    }
}
