// SPDX-License-Identifier: Apache-2.0

/// Finds the word that somebody may have meant.
enum Spelling {
    /// The candidate with the fewest letters to change; nil if even that is a different word.
    static func nearest(to word: String, among candidates: [String]) -> String? {
        let scored = candidates.map { ($0, distance(Array(word.lowercased()), Array($0))) }
        guard let best = scored.min(by: { $0.1 < $1.1 }), best.1 <= max(1, best.0.count / 3) else { return nil }
        return best.0
    }

    /// Insertions, deletions and substitutions that make one of the other (Levenshtein).
    private static func distance(_ first: [Character], _ second: [Character]) -> Int {
        // Letters in the wrong order are one slip.
        if first.sorted() == second.sorted() { return first == second ? 0 : 1 }
        // A long text is no misspelling of a short one, and need not be compared letter by letter.
        guard abs(first.count - second.count) <= second.count else { return .max }
        var row = Array(0...second.count)
        for (index, letter) in first.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, other) in second.enumerated() {
                let substituted = diagonal + (letter == other ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(substituted, row[column] + 1, diagonal + 1)
            }
        }
        return row[second.count]
    }
}
