import Logging
import ServiceLifecycle
import Synchronization

/// Gathers what many callers ask for into one statement: while a batch is on its way, the next one fills.
///
/// So a lone caller waits for nothing, and a thousand callers cost one round trip.
final class Batcher<Order: Sendable, Answer: Sendable>: Service {
    /// Refused because too many wait.
    struct Overloaded: Error {}

    private struct Waiter {
        let order: Order
        let continuation: CheckedContinuation<Answer, any Error>
    }

    private struct State {
        var waiting: [Waiter] = []
        var isClosed = false
    }

    /// The most callers that may wait.
    static var waitingMax: Int { 20_000 }

    private let batchMax: Int
    private let perform: @Sendable ([Order]) async throws -> [Answer]
    private let state = Mutex(State())
    private let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    /// - Parameters:
    ///   - batchMax: the most orders in one batch.
    ///   - perform: answers one batch, in the order of its orders.
    init(batchMax: Int, perform: @escaping @Sendable ([Order]) async throws -> [Answer]) {
        self.batchMax = batchMax
        self.perform = perform
    }

    /// How many callers wait for a batch to take them in.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Waits for the batch that takes `order` in.
    func submit(_ order: Order) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            let refusal: (any Error)? = state.withLock { state in
                if state.isClosed { return CancellationError() }
                if state.waiting.count >= Self.waitingMax { return Overloaded() }
                state.waiting.append(Waiter(order: order, continuation: continuation))
                return nil
            }
            if let refusal { continuation.resume(throwing: refusal) } else { wake.yield() }
        }
    }

    /// Serves callers until cancelled; then refuses those who still wait.
    ///
    /// Not until graceful shutdown: calls that are under way then still need an answer.
    func run() async throws {
        for await _ in wakes {
            while case let batch = take(), !batch.isEmpty { await serve(batch) }
        }
        let left = state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for waiter in left { waiter.continuation.resume(throwing: CancellationError()) }
    }

    private func take() -> [Waiter] {
        state.withLock { state in
            let batch = Array(state.waiting.prefix(batchMax))
            state.waiting.removeFirst(batch.count)
            return batch
        }
    }

    private func serve(_ batch: [Waiter]) async {
        do {
            let answers = try await perform(batch.map(\.order))
            precondition(answers.count == batch.count, "one answer for each order")
            for (waiter, answer) in zip(batch, answers) { waiter.continuation.resume(returning: answer) }
        } catch {
            for waiter in batch { waiter.continuation.resume(throwing: error) }
        }
    }
}
