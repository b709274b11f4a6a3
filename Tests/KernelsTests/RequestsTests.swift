import Testing

@testable import Kernels

@Suite("Messages between processes")
struct RequestsTests {
    @Test(
        "A message of any size travels in pieces that MPI can count, one after the other",
        arguments: [0, 1, 1 << 30, 1 << 30 + 1, 1 << 31, 5_000_000_000])
    func pieces(size: Int) {
        let pieces = Requests.pieces(of: size)
        #expect(pieces.count == max(1, (size + 1 << 30 - 1) >> 30))
        #expect(pieces.allSatisfy { $0.count <= Int32.max && ($0.count > 0 || size == 0) })
        #expect(pieces.first?.lowerBound == 0 && pieces.last?.upperBound == size)
        #expect(zip(pieces, pieces.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
    }
}
