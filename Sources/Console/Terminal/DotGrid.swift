/// A grid of dots, several in each character: two columns of four in braille, one column of two in ASCII.
struct DotGrid {
    /// Dots across.
    let width: Int
    /// Dots down.
    let height: Int
    private let columns: Int
    private let isBraille: Bool
    /// The dots of each character, row after row, as bits.
    private var cells: [UInt8]

    /// An empty grid of so many characters.
    init(columns: Int, rows: Int, isBraille: Bool) {
        self.columns = columns
        self.isBraille = isBraille
        (width, height) = isBraille ? (2 * columns, 4 * rows) : (columns, 2 * rows)
        cells = [UInt8](repeating: 0, count: columns * rows)
    }

    /// Sets the dots of a column from one height to another, both counted from the bottom; those outside are left out.
    mutating func fill(column x: Int, from first: Int, to last: Int) {
        for y in min(first, last)...max(first, last) where 0..<height ~= y {
            let down = height - 1 - y
            if isBraille {
                cells[down / 4 * columns + x / 2] |= Self.brailleBits[down % 4][x % 2]
            } else {
                cells[down / 2 * columns + x] |= 1 << (down % 2)
            }
        }
    }

    /// The bits of a braille character by row and column (Unicode, "Braille Patterns").
    private static let brailleBits: [[UInt8]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]

    /// The characters of ASCII: nothing, a dot above, one below, both.
    private static let asciiDots: [Character] = [" ", "'", ".", ":"]

    /// A character of the grid; a space where there is no dot.
    func character(column: Int, row: Int) -> Character {
        let bits = cells[row * columns + column]
        if !isBraille { return Self.asciiDots[Int(bits)] }
        return bits == 0 ? " " : Character(Unicode.Scalar(0x2800 + UInt32(bits))!)
    }
}
