import StudioProto
import SwiftProtobuf
import Synchronization
import WorkerRuntime

/// A broker that takes reports, refuses them, or is away, and remembers what it took.
final class FakePublisher: ReportPublishing {
    enum Mood: Sendable { case taking, refusing, away }

    struct Away: Error {}

    private struct State {
        var mood = Mood.taking
        var tries = 0
        var taken: [WireTaskEvent] = []
    }

    private let state = Mutex(State())

    var tries: Int { state.withLock { $0.tries } }
    var taken: [WireTaskEvent] { state.withLock { $0.taken } }
    var results: [WireTaskEvent.OneOf_Result] { taken.compactMap(\.result) }

    func become(_ mood: Mood) { state.withLock { $0.mood = mood } }

    func publish(report: [UInt8], id: String) async throws -> Bool {
        let event = try WireTaskEvent(serializedBytes: report)
        return try state.withLock { state in
            state.tries += 1
            switch state.mood {
            case .taking:
                state.taken.append(event)
                return true
            case .refusing: return false
            case .away: throw Away()
            }
        }
    }
}
