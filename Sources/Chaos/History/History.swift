import Foundation
package import StudioCore
import Synchronization
package import SystemPackage

/// Everything a client asked and was answered, in memory and as lines of JSON in a file.
package final class History: Sendable {
    private struct State {
        var entries: [HistoryEntry] = []
        var failure: (any Error)?
    }

    private let file: FileDescriptor
    private let state = Mutex(State())

    /// Begins a file; an older one of this name is replaced.
    package init(file path: FilePath) throws {
        file = try FileDescriptor.open(
            path, .writeOnly, options: [.create, .truncate, .append, .closeOnExec], permissions: [.ownerReadWrite])
    }

    deinit {
        try? file.close()
    }

    package var entries: [HistoryEntry] { state.withLock { $0.entries } }

    /// Writes down what is asked, before it is; answers the number of the call.
    package func ask(
        _ operation: HistoryEntry.Operation, key: String? = nil, run: RunID? = nil, tasks: Int? = nil
    ) -> Int {
        append { number in
            HistoryEntry(
                number: number, call: number, at: Date(), operation: operation, outcome: .asked, key: key, run: run,
                tasks: tasks)
        }
    }

    /// Writes down what a call brought.
    package func answer(
        _ call: Int, _ outcome: HistoryEntry.Outcome, run: RunID? = nil, state runState: RunState? = nil,
        detail: String? = nil
    ) {
        let asked = state.withLock { $0.entries[call - 1] }
        _ = append { number in
            HistoryEntry(
                number: number, call: call, at: Date(), operation: asked.operation, outcome: outcome, key: asked.key,
                run: run ?? asked.run, state: runState, tasks: asked.tasks, detail: detail)
        }
    }

    /// Writes down that a run was shown as ended.
    package func see(_ run: RunID, _ runState: RunState) {
        _ = append { number in
            HistoryEntry(
                number: number, call: number, at: Date(), operation: .seen, outcome: .done, run: run, state: runState)
        }
    }

    /// Throws when some of it could not be written to the file.
    package func check() throws {
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    private func append(_ make: (Int) -> HistoryEntry) -> Int {
        state.withLock { state in
            let entry = make(state.entries.count + 1)
            state.entries.append(entry)
            do {
                var line = try RecordJSON.encode(entry)
                line.append(UInt8(ascii: "\n"))
                _ = try line.withUnsafeBytes { try file.writeAll($0) }
            } catch {
                state.failure = state.failure ?? error
            }
            return entry.number
        }
    }
}
