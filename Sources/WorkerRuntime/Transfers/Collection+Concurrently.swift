extension Collection where Element: Sendable {
    /// Transforms the elements with at most `limit` transformations under way; the first failure cancels the rest.
    ///
    /// - Returns: results in the order of the elements.
    func concurrently<Answer: Sendable>(
        limit: Int, _ transform: @escaping @Sendable (Element) async throws -> Answer
    ) async throws -> [Answer] {
        precondition(limit >= 1, "at least one transformation at a time")
        return try await withThrowingTaskGroup(of: (Int, Answer).self) { group in
            var answers: [Int: Answer] = [:]
            for (index, element) in enumerated() {
                if index >= limit, let (place, answer) = try await group.next() { answers[place] = answer }
                group.addTask { (index, try await transform(element)) }
            }
            for try await (place, answer) in group { answers[place] = answer }
            return (0..<count).compactMap { answers[$0] }
        }
    }
}
