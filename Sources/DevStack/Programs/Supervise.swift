package import SystemPackage

/// Runs programs until the closure returns or throws, or the task is cancelled, and stops them whatever happened.
///
/// Programs that end unasked are started again meanwhile. `studio demo` passes the rendering of the sample as the
/// closure; a detached supervisor passes one that waits for SIGTERM.
///
/// - Parameters:
///   - programs: in the order of their start; they are stopped in reverse.
///   - directory: where records and logs are kept.
///   - until: runs when every program is ready.
package func supervise<Value: Sendable>(
    programs: [ProgramSpecification], in directory: FilePath,
    progress: @escaping @Sendable (ProgramEvent) -> Void = { _ in },
    until: @escaping @Sendable (Supervisor) async throws -> Value
) async throws -> Value {
    let supervisor = Supervisor(programs: programs, in: directory, progress: progress)
    try await supervisor.start()
    do {
        let value = try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                try await supervisor.watch()
                return nil
            }
            group.addTask { try await until(supervisor) }
            defer { group.cancelAll() }
            while let value = try await group.next() {
                if let value { return value }
            }
            throw CancellationError()
        }
        await supervisor.stop()
        return value
    } catch {
        await supervisor.stop()
        throw error
    }
}
