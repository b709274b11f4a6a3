import CPUSupport

/// How threads share a matrix product: each has an equal range of rows, cut into two parts, so that another thread can take one
/// of them when cores differ in speed or one is preempted. It is cut by columns, or by rows if they have to be packed and are
/// more than the columns: each of two parts side by side packs the rows, each of two parts one above the other the columns.
///
/// Every part packs its operands for itself. No thread waits for another or reads what another has just written: a cache line
/// from another core takes as long as a hundred multiply-adds, or five hundred where cores share no cache.
struct MatmulPartition {
    private let productRows: Int, productColumns: Int
    private let partRows: Int, partColumns: Int
    /// Parts side by side.
    private let partsPerRow: Int
    /// Parts in all.
    let count: Int
    /// Floats of workspace that a part needs.
    let workspace: Int

    /// Divides a product of these sizes among `threads` threads, each of which packs its rows if `packsRows`.
    init(rows: Int, columns: Int, depth: Int, threads: Int, packsRows: Bool) {
        let (tiles, panels) = (Self.blocks(rows, tileRows), Self.blocks(columns, tileColumns))
        (productRows, productColumns) = (rows, columns)
        let (rowCuts, columnCuts) = packsRows && rows > columns * threads ? (2, 1) : (1, 2)
        partRows = Self.blocks(tiles, rowCuts * threads) * tileRows
        partColumns = Self.blocks(panels, columnCuts) * tileColumns
        partsPerRow = Self.blocks(columns, partColumns)
        count = partsPerRow * Self.blocks(rows, partRows)
        workspace = MacroKernel.Workspace(columns: partColumns, depth: depth, .placeholder).count
    }

    /// How many blocks of `size` cover `count`.
    private static func blocks(_ count: Int, _ size: Int) -> Int { (count + size - 1) / size }

    /// The rows of the product in a part.
    func rows(_ part: Int) -> Range<Int> {
        let first = part / partsPerRow * partRows
        return first..<min(productRows, first + partRows)
    }

    /// The columns of the product in a part.
    func columns(_ part: Int) -> Range<Int> {
        let first = part % partsPerRow * partColumns
        return first..<min(productColumns, first + partColumns)
    }
}
