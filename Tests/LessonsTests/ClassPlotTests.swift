import Foundation
import Testing
import TinyGPT

@testable import Lessons

@Suite("Plots of two classes")
struct ClassPlotTests {
    private let points = Tensor([0, 0, 1, 0, 0, 1, 1, 1], shape: [4, 2])
    private let labels = Tensor([-1, 1, -1, 1], shape: [4, 1])

    @Test("Points are at their places, one class as o, the other as x")
    func pointSigns() {
        let lines = ClassPlot(points, labels).text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 24)
        let used = lines.filter { !$0.isEmpty }.map(String.init)
        let line = String(repeating: " ", count: 10) + "o" + String(repeating: " ", count: 50) + "x"
        #expect(used == [line, line])
        #expect(lines.firstIndex { !$0.isEmpty } == 3)
    }

    @Test("Cells with a positive score are dotted, rows from the top")
    func dottedRegions() {
        let upper = ClassPlot(points, labels) { $0.sliced(1..<2, axis: 1) - 0.5 }
        let lines = upper.text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0] == String(repeating: ".", count: 72))
        #expect(lines[11] == String(repeating: ".", count: 72))
        #expect(lines[12].isEmpty)
        let right = ClassPlot(points, labels) { $0.sliced(0..<1, axis: 1) - 0.5 }
        #expect(right.text.hasPrefix(String(repeating: " ", count: 36) + String(repeating: ".", count: 36) + "\n"))
    }

    @Test("The drawing has a circle for each point, and the region as one path")
    func drawing() {
        let svg = ClassPlot(points, labels) { $0.sliced(0..<1, axis: 1) - 0.5 }.svg(title: "a < b")
        #expect(svg.components(separatedBy: "<circle").count == 5)
        #expect(svg.contains("<title>a &lt; b</title>"))
        #expect(svg.contains("d=\"M320 40h320v4h-320zM320 44h320v4h-320z"))
        #expect(svg.contains("<circle cx=\"91.4\" cy=\"108.6\" r=\"5\" class=\"name1\"/>"))
        #expect(!ClassPlot(points, labels).svg(title: "").contains("<path"))
    }
}
