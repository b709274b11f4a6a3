/// Suggestions for misspelled words.
package enum Suggestion {
    /// "; did you mean '--steps'?", or nothing where no candidate is near.
    package static func text(for word: String, among candidates: [String]) -> String {
        nearest(to: word, among: candidates).map { "; did you mean '\($0)'?" } ?? ""
    }

    /// The candidate with the fewest slips from `word`, the first of equals.
    ///
    /// - Returns: nil where even the best has more than one slip in every three letters, dashes in front not counted.
    package static func nearest(to word: String, among candidates: [String]) -> String? {
        let letters = word.drop { $0 == "-" }.lowercased()
        let limit = max(1, letters.count / 3)
        return
            candidates
            .map { (candidate: $0, distance: distance(letters, $0.drop { $0 == "-" }.lowercased())) }
            .filter { $0.distance <= limit && $0.distance < letters.count }
            .min { $0.distance < $1.distance }?
            .candidate
    }

    /// Letters to insert, delete, replace or swap with their neighbor to turn one word into the other: the optimal string
    /// alignment form of the Damerau-Levenshtein distance.
    package static func distance(_ first: String, _ second: String) -> Int {
        let (first, second) = (Array(first), Array(second))
        var beforeLast: [Int] = []
        var last = Array(0...second.count)
        for row in 1..<(first.count + 1) {
            var current = [row]
            for column in 1..<(second.count + 1) {
                let replacement = last[column - 1] + (first[row - 1] == second[column - 1] ? 0 : 1)
                var best = min(last[column] + 1, current[column - 1] + 1, replacement)
                let canSwap = row > 1 && column > 1
                if canSwap, first[row - 1] == second[column - 2], first[row - 2] == second[column - 1] {
                    best = min(best, beforeLast[column - 2] + 1)
                }
                current.append(best)
            }
            (beforeLast, last) = (last, current)
        }
        return last[second.count]
    }
}
