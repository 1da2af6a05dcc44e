import StudioCore
import StudioProto
import Synchronization

/// The workers whose streams end in this hub, and the way to tell them something.
final class WorkerStreams: Sendable {
    /// Messages that may wait for a worker which reads slowly; the newest stay, and a heartbeat repeats what matters.
    private static let waitingMax = 256

    /// One worker's stream: what is sent to it is written by its call, one message after the other.
    struct Outbox: Sendable {
        fileprivate let id: UInt64
        let messages: AsyncStream<WireHubMessage>
        fileprivate let continuation: AsyncStream<WireHubMessage>.Continuation

        func send(_ message: WireHubMessage) {
            continuation.yield(message)
        }

        /// Lets the call end when everything has been written.
        func finish() {
            continuation.finish()
        }
    }

    private struct State {
        var nextID: UInt64 = 0
        var outboxes: [WorkerID: Outbox] = [:]
    }

    private let state = Mutex(State())

    /// An outbox for a call that has just begun; nobody knows yet whose it is.
    func open() -> Outbox {
        let (messages, continuation) = AsyncStream.makeStream(
            of: WireHubMessage.self, bufferingPolicy: .bufferingNewest(Self.waitingMax))
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return Outbox(id: id, messages: messages, continuation: continuation)
    }

    /// From now on what is for `worker` goes here: the newest stream of a worker counts.
    func register(_ outbox: Outbox, of worker: WorkerID) {
        state.withLock { $0.outboxes[worker] = outbox }
    }

    func remove(_ outbox: Outbox, of worker: WorkerID) {
        state.withLock { state in
            if state.outboxes[worker]?.id == outbox.id { state.outboxes[worker] = nil }
        }
    }

    var workers: [WorkerID] { state.withLock { Array($0.outboxes.keys) } }

    /// Sends to a worker, if its stream ends here.
    func send(_ message: WireHubMessage, to worker: WorkerID) {
        state.withLock { $0.outboxes[worker] }?.send(message)
    }
}
