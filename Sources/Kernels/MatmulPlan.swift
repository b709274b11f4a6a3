import CPUSupport

/// How threads share out a matrix product: to each its rows, cut into two pieces by columns, of which another thread can
/// take one if cores differ or one is taken away.
///
/// Every piece packs for itself what it cannot read in place. No thread waits for another, nor reads what another has just
/// written, which would cost more.
struct MatmulPlan {
    private let productRows: Int, productColumns: Int
    private let pieceRows: Int, pieceColumns: Int
    /// How many pieces stand side by side.
    private let width: Int
    /// How many pieces there are.
    let pieces: Int
    /// Floats of working memory that a piece needs.
    let scratch: Int

    /// How many that is where there are columns enough.
    private static let columnPieces = 2

    /// Plans a product of these sizes for so many threads.
    init(rows: Int, columns: Int, depth: Int, threads: Int) {
        let (tiles, panels) = (Self.pieces(rows, tileRows), Self.pieces(columns, tileColumns))
        (productRows, productColumns) = (rows, columns)
        pieceRows = Self.pieces(tiles, threads) * tileRows
        pieceColumns = Self.pieces(panels, Self.columnPieces) * tileColumns
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
