import NIOCore
import ServiceLifecycle
import StudioCore

/// Writes the events of one run until it has ended: a snapshot or what was missed, then what happens.
struct RunEventFeed: Sendable {
    /// Where a stream begins.
    enum Start: Sendable, Equatable {
        case snapshot
        case after(Int64)
        /// The client's place is unknown; it must forget what it has.
        case resync

        init(lastEventID: String?, newest: Int64) {
            guard let lastEventID, !lastEventID.isEmpty else {
                self = .snapshot
                return
            }
            guard let number = Int64(lastEventID), number >= 0, number <= newest else {
                self = .resync
                return
            }
            self = .after(number)
        }
    }

    typealias Sink = (ByteBuffer) async throws -> Void

    /// Running tasks whose progress is told.
    private static let progressTasksMax = 200

    let run: RunID
    let tenant: TenantID
    let repository: any RunRepository
    let timing: APITiming
    let start: Start

    /// What has been told so far.
    private struct Place {
        var sequence: Int64 = 0
        var ended = false
        var progress: [TaskID: Told] = [:]
        var spokenAt = ContinuousClock.now
        var progressAt = ContinuousClock.now
        var checkedAt = ContinuousClock.now
    }

    private struct Told: Equatable {
        let phase: String?
        let progress: ProgressRecord?
    }

    /// Returns when the run has ended and all is told, or the server stops.
    func write(_ sink: Sink) async throws {
        try await sink(ServerSentEvent.opening)
        var place = Place()
        switch start {
        case .snapshot: try await snapshot(&place, sink)
        case .after(let sequence):
            place.sequence = sequence
            try await news(&place, sink)
            // Whoever resumes at the very end would otherwise hear nothing and come again for ever.
            if !place.ended, try await hasEnded(&place) { try await snapshot(&place, sink) }
        case .resync: try await resync(&place, sink)
        }
        while !place.ended, !Task.isShuttingDownGracefully {
            try await Task.sleep(for: timing.poll)
            try await news(&place, sink)
            if place.ended { break }
            try await progress(&place, sink)
            let now = ContinuousClock.now
            if now - place.checkedAt >= timing.recheck, try await hasEnded(&place) { try await snapshot(&place, sink) }
            if now - place.spokenAt >= timing.heartbeat {
                try await sink(ServerSentEvent.heartbeat)
                place.spokenAt = now
            }
        }
    }

    private func hasEnded(_ place: inout Place) async throws -> Bool {
        place.checkedAt = ContinuousClock.now
        guard let record = try await repository.run(run, tenant: tenant) else { return true }
        return record.isTerminal && record.lastEvent <= place.sequence
    }

    private func resync(_ place: inout Place, _ sink: Sink) async throws {
        try await sink(try ServerSentEvent.buffer("resync", id: nil, ["reason": "unknown_position"]))
        try await snapshot(&place, sink)
    }

    private func snapshot(_ place: inout Place, _ sink: Sink) async throws {
        // The run first: what happens after it is read is told again by the events that follow.
        guard let record = try await repository.run(run, tenant: tenant),
            let shots = try await repository.shots(of: run, tenant: tenant)
        else {
            place.ended = true
            return
        }
        var tasks: [TaskRecord] = []
        var hasMore = true
        while hasMore, tasks.count < RunSnapshot.tasksMax {
            let page = try await repository.tasks(
                TaskFilter(run: run), after: tasks.last?.id,
                limit: min(APILimits.pageMax, RunSnapshot.tasksMax - tasks.count), tenant: tenant)
            tasks += page.items
            hasMore = page.hasMore && !page.items.isEmpty
        }
        let snapshot = RunSnapshot(run: record, shots: shots, tasks: tasks)
        try await sink(try ServerSentEvent.buffer("snapshot", id: record.lastEvent, snapshot))
        place.sequence = record.lastEvent
        place.ended = record.isTerminal
        place.spokenAt = ContinuousClock.now
    }

    private func news(_ place: inout Place, _ sink: Sink) async throws {
        while !place.ended {
            let events = try await repository.events(
                of: run, after: place.sequence, limit: APILimits.eventBatchMax, tenant: tenant)
            if let first = events.first, first.sequence > place.sequence + 1 {
                // Events between have been deleted since.
                return try await resync(&place, sink)
            }
            for event in events {
                try await sink(try ServerSentEvent.buffer(event.kind.rawValue, id: event.sequence, event))
                place.sequence = event.sequence
                place.ended = event.endsRun
                if let task = event.task { place.progress[task] = nil }
            }
            if !events.isEmpty { place.spokenAt = ContinuousClock.now }
            if events.count < APILimits.eventBatchMax { return }
        }
    }

    private func progress(_ place: inout Place, _ sink: Sink) async throws {
        let now = ContinuousClock.now
        guard now - place.progressAt >= timing.progress else { return }
        place.progressAt = now
        let running = try await repository.tasks(
            TaskFilter(run: run, states: [.running]), after: nil, limit: Self.progressTasksMax, tenant: tenant)
        for task in running.items {
            let told = Told(phase: task.phase, progress: task.progress)
            guard place.progress[task.id] != told, task.phase != nil || task.progress != nil else { continue }
            place.progress[task.id] = told
            let event = RunEventRecord(
                run: run, sequence: 0, kind: .taskProgress, at: task.startedAt ?? task.createdAt, state: task.state,
                task: task.id, taskKey: task.key, shot: task.shot, attempt: task.attempt, phase: task.phase,
                progress: task.progress)
            try await sink(try ServerSentEvent.buffer(event.kind.rawValue, id: nil, event))
            place.spokenAt = now
        }
    }
}
