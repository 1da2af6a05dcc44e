extension Array where Element: Sendable {
    /// Transforms the elements with at most `limit` transformations under way; the first failure cancels the rest.
    ///
    /// - Returns: results in the order in which they came.
    func mapConcurrently<Result: Sendable>(
        limit: Int, _ transform: @escaping @Sendable (Element) async throws -> Result
    ) async throws -> [Result] {
        precondition(limit >= 1, "at least one transformation at a time")
        return try await withThrowingTaskGroup(of: Result.self) { group in
            var results: [Result] = []
            results.reserveCapacity(count)
            for (index, element) in enumerated() {
                if index >= limit, let result = try await group.next() { results.append(result) }
                group.addTask { try await transform(element) }
            }
            for try await result in group { results.append(result) }
            return results
        }
    }
}
