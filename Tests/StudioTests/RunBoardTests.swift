import Foundation
import StudioClient
import StudioCore
import Testing

@testable import studio

@Suite struct RunBoardTests {
    private let id = RunID()

    private func board() -> RunBoard {
        let run = RunRecord(
            id: id, title: "T", state: .queued, priority: .batch, frames: 0, fps: FrameRate(24), width: 64, height: 64,
            shots: 0, tasks: TaskCounts([.queued: 1]), createdAt: Date(), lastEvent: 1)
        let task = TaskRecord(
            id: TaskID(), run: id, key: "a", kind: .noop, state: .queued, attempt: AttemptRecord(n: 0, max: 3),
            createdAt: Date())
        var board = RunBoard(run: run)
        _ = board.take(.snapshot(RunSnapshot(run: run, shots: [], tasks: [task])))
        return board
    }

    private func event(
        _ sequence: Int64, _ kind: RunEventRecord.Kind, _ state: TaskState, key: String? = nil, attempt: Int = 1,
        reason: String? = nil
    ) -> RunNews {
        .event(
            RunEventRecord(
                run: id, sequence: sequence, kind: kind, at: Date(), state: state, taskKey: key,
                attempt: AttemptRecord(n: attempt, max: 3),
                reason: reason.map { ReasonRecord(code: "c", detail: $0, category: .temporary, retryable: true) }))
    }

    @Test func `each change of state is one line, what changes nothing is none`() {
        var board = board()
        #expect(board.take(event(2, .runState, .running)) == ["run running"])
        #expect(board.take(event(3, .taskState, .running, key: "a")) == ["a running"])
        #expect(board.take(event(0, .taskProgress, .running, key: "a")) == [])
        #expect(board.take(event(4, .taskState, .retrying, key: "a", reason: "flaky")) == ["a retrying: flaky"])
        #expect(board.take(event(5, .taskState, .running, key: "a", attempt: 2)) == ["a running (attempt 2 of 3)"])
        #expect(board.take(event(6, .taskState, .running, key: "a", attempt: 2)) == [])
        #expect(board.retries == 1)
        #expect(board.run.lastEvent == 6)
    }

    @Test func `a failed run ends with code 3 and the reasons of what failed`() throws {
        var board = board()
        _ = board.take(event(2, .taskState, .failed, key: "a", attempt: 3, reason: "no memory"))
        _ = board.take(event(3, .runState, .failed, reason: "a failed"))
        let failure = #expect(throws: Failure.self) { try RunWatcher.conclude(board) }
        #expect(failure?.code == .runFailed)
        #expect(failure?.message.contains("a (attempt 3 of 3): no memory [c]") == true)
    }

    @Test func `a canceled run ends with code 7, a good one without`() throws {
        var canceled = board()
        _ = canceled.take(event(2, .runState, .canceled))
        #expect(#expect(throws: Failure.self) { try RunWatcher.conclude(canceled) }?.code == .canceled)
        var good = board()
        _ = good.take(event(2, .runState, .succeeded))
        try RunWatcher.conclude(good)
    }

    @Test func `a run that is paused, resumed and canceled says so, and ends with code 7`() {
        var board = board()
        #expect(board.take(event(2, .runState, .paused)) == ["run paused"])
        #expect(board.take(event(3, .taskState, .paused, key: "a")) == ["a paused"])
        #expect(board.take(event(4, .runState, .running)) == ["run running"])
        #expect(board.take(event(5, .runState, .canceling, reason: "a user canceled it")).count == 1)
        #expect(board.take(event(6, .taskState, .canceling, key: "a")) == ["a canceling"])
        #expect(board.rows.map(\.detail) == ["a canceling"])
        _ = board.take(event(7, .runState, .canceled))
        #expect(#expect(throws: Failure.self) { try RunWatcher.conclude(board) }?.code == .canceled)
    }

    @Test func `a run that is reopened leaves its failures behind`() throws {
        var board = board()
        _ = board.take(event(2, .taskState, .failed, key: "a", attempt: 3, reason: "no memory"))
        _ = board.take(event(3, .runState, .failed, reason: "a failed"))
        #expect(board.take(event(4, .runReopened, .queued)) == ["run reopened"])
        #expect(board.run.state == .queued)
        #expect(board.run.reason == nil)
        #expect(board.take(event(5, .taskState, .blocked, key: "a", attempt: 3)) == ["a blocked (attempt 3 of 3)"])
        #expect(board.tasks["a"]?.reason == nil)
        _ = board.take(event(6, .taskState, .succeeded, key: "a", attempt: 4))
        _ = board.take(event(7, .runState, .succeeded))
        #expect(board.failures.isEmpty)
        try RunWatcher.conclude(board)
    }

    @Test func `a run that missed its deadline ends with code 3`() {
        var board = board()
        _ = board.take(event(2, .runState, .canceling, reason: "the run was not done by its deadline"))
        _ = board.take(event(3, .runState, .failed, reason: "the run was not done by its deadline"))
        let failure = #expect(throws: Failure.self) { try RunWatcher.conclude(board) }
        #expect(failure?.code == .runFailed)
        #expect(failure?.message.contains("deadline") == true)
    }
}
