/// Which snapshots of a training a page holds, where it has no room for all.
enum Thinning {
    /// The most bytes of all earlier snapshots in a page, in base64: a page that opens in a second, and that mail takes.
    static let mostBytes = 20_000_000

    /// The places of the snapshots to keep, in ascending order: the first, the best, the last, and evenly spaced ones.
    ///
    /// - Parameters:
    ///   - losses: The validation loss of each snapshot; nil where it was not measured.
    ///   - most: How many to keep, at least 3.
    /// - Returns: All places, if there are no more than `most`.
    static func places(_ losses: [Double?], most: Int) -> [Int] {
        precondition(most >= 3, "the first, the best and the last snapshot are more than \(most)")
        let count = losses.count
        guard count > most else { return Array(0..<count) }
        var places = (0..<most).map { ($0 * (count - 1) + (most - 1) / 2) / (most - 1) }
        let best = losses.indices.min { losses[$0] ?? .infinity < losses[$1] ?? .infinity }!
        guard !places.contains(best) else { return places }
        // Of those between the ends, the nearest one gives way.
        let nearest = (1..<most - 1).min { abs(places[$0] - best) < abs(places[$1] - best) }!
        places[nearest] = best
        return places
    }
}
