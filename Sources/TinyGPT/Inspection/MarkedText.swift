/// The positions of a text that have a name, for every row of interest.
struct MarkedText {
    let count: Int
    /// Of each target the rows that have such positions.
    let targets: [(target: AttentionTarget, rows: [(row: Int, positions: [Int])])]

    /// Looks for targets.
    ///
    /// - Parameters:
    ///   - tokens: The text.
    ///   - targets: What to look for.
    ///   - first: The first row of interest, not 0.
    ///   - spaces: The tokens that count as spaces and newlines.
    init(_ tokens: [Int32], targets: [AttentionTarget], from first: Int = 1, spaces: Set<Int32> = []) {
        count = tokens.count
        self.targets = targets.map { target in
            let rows = (0..<tokens.count).dropFirst(first).map { row in
                (row: row, positions: target.positions(from: row, in: tokens, spaces: spaces))
            }
            return (target, rows.filter { !$0.positions.isEmpty })
        }
    }
}
