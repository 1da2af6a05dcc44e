/// Runs `operation`, and cancels it when `deadline` passes first.
///
/// Throws: `ObjectStoreError.timeout` at the deadline.
func before<Value: Sendable>(
    _ deadline: ContinuousClock.Instant?, operation name: String,
    _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    guard let deadline else { return try await operation() }
    return try await withThrowingTaskGroup(of: Value.self) { group in
        defer { group.cancelAll() }
        group.addTask { try await operation() }
        group.addTask {
            try await ContinuousClock().sleep(until: deadline)
            throw ObjectStoreError(.timeout, "\(name): not done before its deadline")
        }
        guard let first = try await group.next() else { throw CancellationError() }
        return first
    }
}
