import Dispatch

/// Where blocking calls to the file system run, so that they never hold up a thread of the concurrency runtime.
///
/// The class of service differs from the runtime's: on Linux the threads would be the same otherwise.
enum Disk {
    private static let queue = DispatchQueue(label: "worker.disk", qos: .userInitiated, attributes: .concurrent)

    static func perform<Answer: Sendable>(
        _ body: @escaping @Sendable () throws -> Answer
    ) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result(catching: body)) }
        }
    }
}
