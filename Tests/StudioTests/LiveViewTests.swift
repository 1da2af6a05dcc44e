import Foundation
import StudioClient
import StudioCore
import Testing

@testable import studio

@Suite struct LiveViewTests {
    private let id = RunID()

    private func task(
        _ key: String, shot: String?, _ state: TaskState, ratio: Double? = nil, phase: String? = nil, attempt: Int = 1,
        reason: String? = nil
    ) -> TaskRecord {
        TaskRecord(
            id: TaskID(), run: id, shot: shot, key: key, kind: .video, state: state, phase: phase,
            attempt: AttemptRecord(n: attempt, max: 3),
            progress: ratio.map { ProgressRecord(done: $0, total: 1, unit: "frames") },
            reason: reason.map { ReasonRecord(code: "c", detail: $0, category: .userError, retryable: false) },
            createdAt: Date())
    }

    private func board(_ tasks: [TaskRecord], shots: [String], state: RunState = .running) -> RunBoard {
        let counts = TaskCounts(of: tasks.map(\.state))
        let run = RunRecord(
            id: id, title: "T", state: state, priority: .batch, frames: 24, fps: FrameRate(24), width: 64, height: 64,
            shots: shots.count, tasks: counts, createdAt: Date())
        let records = shots.enumerated().map { index, name in
            ShotRecord(
                id: ShotID(), run: id, name: name, number: index + 1, prompt: "p", frames: 24, startFrame: 0,
                tasks: TaskCounts(), artifacts: [])
        }
        var board = RunBoard(run: run)
        _ = board.take(.snapshot(RunSnapshot(run: run, shots: records, tasks: tasks)))
        return board
    }

    private var example: RunBoard {
        board(
            [
                task("s01/video", shot: "s01", .succeeded), task("s01/lipsync", shot: "s01", .succeeded),
                task("s02/video", shot: "s02", .running, ratio: 0.5, phase: "sampling", attempt: 2),
                task("s02/lipsync", shot: "s02", .blocked), task("compose", shot: nil, .blocked),
            ], shots: ["s01", "s02"])
    }

    @Test func `a line a shot, one for the film, one bar for all`() {
        let lines = LiveView.render(example, width: 80, elapsed: 10)
        #expect(
            lines == [
                "✓ s01     100% succeeded", "▶ s02     25%  running   video sampling 2/3",
                "· compose 0%   blocked  ",
                "████████████░░░░░░░░░░░░ 50%  2/5 tasks  running  10 s, 10 s left",
            ])
    }

    @Test(arguments: [1, 5, 20, 40, 79])
    func `no line is wider than the terminal`(width: Int) {
        for line in LiveView.render(example, width: width, elapsed: 100_000) { #expect(line.count <= width) }
    }

    @Test func `what does not fit is left out, what fails or runs stays`() {
        let names = (1...100).map { "s\($0)" }
        let tasks = names.map {
            task("\($0)/video", shot: $0, $0 == "s77" ? .failed : $0 == "s90" ? .running : .queued)
        }
        let lines = LiveView.render(board(tasks, shots: names), width: 80, height: 10)
        #expect(lines.count == 9 || lines.count == 10)
        #expect(lines[0].contains("s77"))
        #expect(lines[1].contains("s90"))
        #expect(lines.contains { $0.contains("more") })
    }

    @Test func `without colour there are no escape sequences, with it the text is the same`() {
        let plain = LiveView.render(example, width: 80)
        #expect(!plain.joined().contains("\u{1B}"))
        let colored = LiveView.render(example, width: 80, color: true).map { line in
            line.replacing(/\u{1B}\[[0-9]+m/, with: "")
        }
        #expect(colored == plain)
    }

    @Test func `control characters of a server do not reach the terminal`() {
        let evil = board([task("a", shot: "s", .failed, reason: "x\u{1B}[2J\ny")], shots: ["s"])
        #expect(!LiveView.render(evil, width: 80).joined().unicodeScalars.contains { $0.value < 0x20 })
    }

    @Test(arguments: [(0.5, 10.0, 10.0), (0.25, 10, 30)])
    func `the time left follows the pace`(ratio: Double, elapsed: Double, left: Double) {
        #expect(LiveView.remaining(ratio: ratio, elapsed: elapsed) == left)
    }

    @Test(arguments: [(0.0, 10.0), (0.04, 10), (1, 10), (0.5, 0.5)])
    func `too little is known for a time left`(ratio: Double, elapsed: Double) {
        #expect(LiveView.remaining(ratio: ratio, elapsed: elapsed) == nil)
    }

    @Test(arguments: [RunState.paused, .canceling])
    func `a run that is paused or being canceled says so, and promises no time`(state: RunState) {
        let tasks = [
            task("s01/video", shot: "s01", .succeeded),
            task("s02/video", shot: "s02", state == .paused ? .paused : .canceling),
        ]
        let lines = LiveView.render(board(tasks, shots: ["s01", "s02"], state: state), width: 100, elapsed: 40)
        #expect(lines.last?.hasSuffix("1/2 tasks  \(state.rawValue)  40 s") == true)
        #expect(lines[1].hasPrefix(state == .paused ? "‖ s02" : "⊘ s02"))
    }

    @Test func `many tasks without a shot are one row`() {
        let tasks = (0..<50).map { task("noop.\($0)", shot: nil, $0 < 25 ? .succeeded : .queued) }
        let lines = LiveView.render(board(tasks, shots: []), width: 80)
        #expect(lines.count == 2)
        #expect(lines[0].contains("50%"))
    }
}
