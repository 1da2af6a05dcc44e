import Testing

@testable import StudioCore

@Suite struct TaskStateTests {
    /// What the semantics allow, written down a second time and by hand.
    private static let allowed: [TaskState: Set<TaskState>] = [
        .blocked: [.queued, .skipped, .canceled],
        .queued: [.queued, .running, .paused, .canceled],
        .running: [.succeeded, .retrying, .failed, .queued, .canceling],
        .retrying: [.queued, .running, .paused, .canceled],
        .paused: [.queued, .canceled],
        .canceling: [.canceled],
        .succeeded: [.blocked], .failed: [.blocked], .canceled: [.blocked], .skipped: [.blocked],
    ]

    @Test(arguments: TaskState.allCases)
    func `a state leads exactly where the semantics say`(state: TaskState) {
        #expect(Set(TaskEvent.allCases.compactMap { state.after($0) }) == Self.allowed[state])
    }

    @Test func `terminal states absorb every event but a user's wish to have it done once more`() {
        #expect(Set(TaskState.terminal) == [.succeeded, .failed, .canceled, .skipped])
        for state in TaskState.terminal {
            for event in TaskEvent.allCases where event != .reopen { #expect(state.after(event) == nil) }
        }
        #expect(TaskState.sources(of: .reopen) == TaskState.terminal)
    }

    @Test(arguments: TaskEvent.allCases)
    func `the sources of an event are the states it changes`(event: TaskEvent) {
        let sources = TaskState.sources(of: event)
        #expect(!sources.isEmpty)
        for state in TaskState.allCases { #expect(sources.contains(state) == (state.after(event) != nil)) }
    }

    @Test(arguments: Seeds.all)
    func `random events reach only allowed states, and nothing succeeds after a cancel`(seed: UInt64) {
        var generator = SeededGenerator(seed)
        for _ in 0..<200 {
            var state = generator.once(in: 2) ? TaskState.blocked : .queued
            var canceled = false
            for _ in 0..<40 {
                let event = TaskEvent.allCases[generator.integer(0...TaskEvent.allCases.count - 1)]
                if event == .reopen { continue }
                guard let next = state.after(event) else { continue }
                #expect(Self.allowed[state]?.contains(next) == true, "\(state) after \(event) is \(next)")
                if event == .cancel { canceled = true }
                if canceled { #expect([.canceling, .canceled].contains(next)) }
                if next == .succeeded { #expect(state == .running && event == .complete) }
                state = next
            }
        }
    }

    @Test func `states keep the names that are stored and sent`() {
        #expect(
            TaskState.allCases.map(\.rawValue) == [
                "blocked", "queued", "running", "retrying", "paused", "canceling", "succeeded", "failed", "canceled",
                "skipped",
            ])
        #expect(RunState.allCases.filter(\.isTerminal) == [.succeeded, .failed, .canceled])
    }

    @Test func `a lane has a queue for each kind and priority, all different`() {
        #expect(Set(Lane.all.map(\.queue)).count == TaskKind.allCases.count * TaskPriority.allCases.count)
        #expect(Lane(kind: .video, priority: .batch).queue == "tasks.video.standard.batch")
    }
}
