import CPUSupport

/// How threads share out a matrix product: a grid of pieces, one for each thread, or two where they are large.
///
/// Every piece packs what it needs of both operands for itself. That is done more than once, but no thread waits for
/// another, nor reads what another has just written, which would cost more.
struct MatmulPlan {
    private let productRows: Int, productColumns: Int
    private let pieceRows: Int, pieceColumns: Int
    /// How many pieces stand side by side.
    private let width: Int
    /// How many pieces there are.
    let pieces: Int
    /// Floats of working memory that a piece needs.
    let scratch: Int

    /// Plans a product of these sizes for so many threads.
    ///
    /// Of all grids the one is taken whose largest piece costs least: a multiply-add for each of its elements, and about
    /// four for each line of an operand that is packed.
    init(rows: Int, columns: Int, depth: Int, threads: Int) {
        let (tiles, panels) = (Self.pieces(rows, tileRows), Self.pieces(columns, tileColumns))
        // Cores may differ, or be taken away: where a thread has long to work, another can take its second piece.
        let isLarge = rows * columns * depth / threads > 1 << 26
        let wanted = isLarge ? 2 * threads : threads
        var (best, bestCost) = ((rows: rows, columns: columns), Int.max)
        for rowPieces in 1...min(wanted, tiles) {
            let pieceRows = Self.pieces(tiles, rowPieces) * tileRows
            let pieceColumns = Self.pieces(panels, min(panels, wanted / rowPieces)) * tileColumns
            let cost = pieceRows * pieceColumns + 4 * (pieceRows + pieceColumns)
            if cost < bestCost { (best, bestCost) = ((pieceRows, pieceColumns), cost) }
        }
        (productRows, productColumns) = (rows, columns)
        (pieceRows, pieceColumns) = best
        width = Self.pieces(columns, pieceColumns)
        pieces = width * Self.pieces(rows, pieceRows)
        scratch = MatmulPiece.scratch(columns: pieceColumns, depth: depth)
    }

    /// How many pieces of `size` cover `count`.
    private static func pieces(_ count: Int, _ size: Int) -> Int { (count + size - 1) / size }

    /// The rows of the product in a piece.
    func rows(_ piece: Int) -> Range<Int> {
        let first = piece / width * pieceRows
        return first..<min(productRows, first + pieceRows)
    }

    /// The columns of the product in a piece.
    func columns(_ piece: Int) -> Range<Int> {
        let first = piece % width * pieceColumns
        return first..<min(productColumns, first + pieceColumns)
    }
}
