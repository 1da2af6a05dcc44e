import Synchronization

typealias PublishResult = Result<PublishOutcome, AMQPError>

/// Who waits for the outcome of a publish.
enum PublishWaiter: Sendable {
    case call(CheckedContinuation<PublishResult, Never>)
    case item(PublishBatch, index: Int)

    func resume(with result: PublishResult) {
        switch self {
        case .call(let continuation): continuation.resume(returning: result)
        case .item(let batch, let index): batch.set(result, at: index)
        }
    }
}

/// Collects the outcomes of messages that were published together.
final class PublishBatch: Sendable {
    private struct State {
        var results: [PublishResult?]
        var missing: Int
        var continuation: CheckedContinuation<[PublishResult], Never>?
    }

    private let state: Mutex<State>

    init(count: Int) {
        state = Mutex(State(results: Array(repeating: nil, count: count), missing: count))
    }

    func set(_ result: PublishResult, at index: Int) {
        let waiter: (CheckedContinuation<[PublishResult], Never>, [PublishResult])? = state.withLock { state in
            precondition(state.results[index] == nil, "a publish has one outcome")
            state.results[index] = result
            state.missing -= 1
            guard state.missing == 0, let continuation = state.continuation else { return nil }
            state.continuation = nil
            return (continuation, state.results.compactMap(\.self))
        }
        if let (continuation, results) = waiter { continuation.resume(returning: results) }
    }

    /// Waits until every message has its outcome; call it once.
    func results() async -> [PublishResult] {
        await withCheckedContinuation { continuation in
            let results: [PublishResult]? = state.withLock { state in
                guard state.missing > 0 else { return state.results.compactMap(\.self) }
                state.continuation = continuation
                return nil
            }
            if let results { continuation.resume(returning: results) }
        }
    }
}
