/// Finds what somebody probably meant to write.
enum Suggestion {
    /// More wrong letters than this are no slip any more.
    private static let distanceMax = 2

    /// A cure for an unknown word: the nearest known one, or all of them when they are few.
    static func cure(for word: String, among known: some Collection<String>) -> String {
        if let nearest = nearest(to: word, among: known) { return "did you mean \(SpecFault.quote(nearest))?" }
        guard !known.isEmpty else { return "none is defined" }
        let shown = known.sorted().prefix(12).joined(separator: ", ")
        return "known: \(shown)\(known.count > 12 ? ", …" : "")"
    }

    /// The known word with the fewest wrong letters; `nil` when none is close.
    static func nearest(to word: String, among known: some Collection<String>) -> String? {
        let letters = Array(word.lowercased().unicodeScalars.prefix(SpecLimits.nameMax + distanceMax + 1))
        let limit = min(distanceMax, max(1, letters.count / 3))
        var best: (distance: Int, word: String)?
        for candidate in known {
            let distance = distance(letters, Array(candidate.lowercased().unicodeScalars))
            if distance <= limit, distance < best?.distance ?? .max { best = (distance, candidate) }
        }
        return best?.word
    }

    /// Letters to insert, delete, replace or swap with the neighbour; anything above ``distanceMax`` is only "far".
    private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        let far = distanceMax + 1
        guard abs(left.count - right.count) <= distanceMax else { return far }
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in 1..<(left.count + 1) {
            var current = [Int](repeating: far, count: right.count + 1)
            current[0] = row
            let low = max(1, row - distanceMax)
            let high = min(right.count, row + distanceMax)
            if low <= high {
                for column in low...high {
                    let same = left[row - 1] == right[column - 1]
                    current[column] = min(
                        last[column] + 1, current[column - 1] + 1, last[column - 1] + (same ? 0 : 1))
                    if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] {
                        current[column] = min(current[column], beforeLast[column - 2] + 1)
                    }
                }
            }
            (beforeLast, last) = (last, current)
        }
        return min(far, last[right.count])
    }
}
