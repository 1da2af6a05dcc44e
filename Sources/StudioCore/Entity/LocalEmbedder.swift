/// Turns a text into a vector without a model: the same words give the same vector on every machine.
///
/// Words and their trigrams are hashed into a fixed number of signed features (feature hashing), so that texts
/// with common words are near each other; it knows nothing of meaning.
package struct LocalEmbedder: Sendable {
    /// Length of every vector.
    package static let dimensions = 256
    /// A whole word says more than three of its letters.
    private static let wordWeight: Float = 2

    package init() {}

    /// Embeds a text; the vector has the length 1, also that of a text without words.
    package func embed(_ text: String) -> [Float] {
        var vector = [Float](repeating: 0, count: Self.dimensions)
        let words = text.lowercased().split { !$0.isLetter && !$0.isNumber }
        for word in words {
            add("w:" + word, weight: Self.wordWeight, to: &vector)
            // The marks make beginnings and ends of words differ from their middles.
            let letters = Array("^\(word)$".unicodeScalars)
            for start in 0..<max(0, letters.count - 2) {
                var trigram = String.UnicodeScalarView()
                trigram.append(contentsOf: letters[start..<start + 3])
                add("t:" + String(trigram), weight: 1, to: &vector)
            }
        }
        let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard length > 0 else {
            vector[0] = 1
            return vector
        }
        return vector.map { $0 / length }
    }

    private func add(_ feature: String, weight: Float, to vector: inout [Float]) {
        let hash = StableHash.hash(feature)
        let sign: Float = hash >> 63 == 0 ? 1 : -1
        vector[Int(hash % UInt64(Self.dimensions))] += sign * weight
    }
}
