import NIOCore
import ServiceLifecycle
import StudioCore

/// Makes the text of one event stream, piece by piece: a snapshot or what was missed, then what happens.
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

    private struct Told: Equatable {
        let phase: String?
        let progress: ProgressRecord?
    }

    /// Running tasks whose progress is told.
    private static let progressTasksMax = 200

    private let run: RunID
    private let tenant: TenantID
    private let repository: any RunRepository
    private let timing: APITiming
    private var start: Start?
    /// The number of the last event that was told.
    private var sequence: Int64 = 0
    private var hasEnded = false
    /// Whether more events are there already.
    private var hasMore = false
    private var progress: [TaskID: Told] = [:]
    private var output = ByteBuffer()
    private var spokenAt = ContinuousClock.now
    private var progressAt = ContinuousClock.now
    private var checkedAt = ContinuousClock.now

    init(run: RunID, tenant: TenantID, repository: any RunRepository, timing: APITiming, start: Start) {
        self.run = run
        self.tenant = tenant
        self.repository = repository
        self.timing = timing
        self.start = start
    }

    /// The next piece, when there is one to tell; `nil` when the run has ended and all is told, or the server stops.
    mutating func next() async throws -> ByteBuffer? {
        if let start {
            self.start = nil
            try await begin(start)
        }
        while output.readableBytes == 0 {
            if hasEnded || Task.isShuttingDownGracefully { return nil }
            if !hasMore { try await Task.sleep(for: timing.poll) }
            do { try await look() } catch {
                // The client need not come again: the stream goes on where it is when the database is back.
                guard repository.isUnavailable(error), !Task.isCancelled else { throw error }
                hasMore = false
                beat()
            }
        }
        spokenAt = ContinuousClock.now
        defer { output = ByteBuffer() }
        return output
    }

    private mutating func begin(_ start: Start) async throws {
        output.writeImmutableBuffer(ServerSentEvent.opening)
        switch start {
        case .snapshot: try await tellSnapshot()
        case .after(let sequence):
            self.sequence = sequence
            try await tellNews()
            // Whoever resumes at the very end would otherwise hear nothing and come again for ever.
            if !hasEnded, !hasMore, try await runHasEnded() { try await tellSnapshot() }
        case .resync: try await tellResync()
        }
    }

    private mutating func look() async throws {
        try await tellNews()
        guard !hasEnded, !hasMore else { return }
        try await tellProgress()
        let now = ContinuousClock.now
        if now - checkedAt >= timing.recheck, try await runHasEnded() { try await tellSnapshot() }
        beat()
    }

    /// Says something, so that a dead connection is noticed, when nothing was said for long.
    private mutating func beat() {
        guard output.readableBytes == 0, ContinuousClock.now - spokenAt >= timing.heartbeat else { return }
        output.writeImmutableBuffer(ServerSentEvent.heartbeat)
    }

    private mutating func tell(_ name: String, id: Int64?, _ value: some Encodable) throws {
        var event = try ServerSentEvent.buffer(name, id: id, value)
        output.writeBuffer(&event)
    }

    /// Whether the run has ended and every event of it is told.
    private mutating func runHasEnded() async throws -> Bool {
        checkedAt = ContinuousClock.now
        guard let record = try await repository.run(run, tenant: tenant) else { return true }
        return record.isTerminal && record.lastEvent <= sequence
    }

    private mutating func tellResync() async throws {
        try tell("resync", id: nil, ["reason": "unknown_position"])
        try await tellSnapshot()
    }

    private mutating func tellSnapshot() async throws {
        // The run first: what happens after it is read is told again by the events that follow.
        guard let record = try await repository.run(run, tenant: tenant),
            let shots = try await repository.shots(of: run, tenant: tenant)
        else {
            hasEnded = true
            return
        }
        var tasks: [TaskRecord] = []
        var hasMoreTasks = true
        while hasMoreTasks, tasks.count < RunSnapshot.tasksMax {
            let page = try await repository.tasks(
                TaskFilter(run: run), after: tasks.last?.id,
                limit: min(APILimits.pageMax, RunSnapshot.tasksMax - tasks.count), tenant: tenant)
            tasks += page.items
            hasMoreTasks = page.hasMore && !page.items.isEmpty
        }
        try tell("snapshot", id: record.lastEvent, RunSnapshot(run: record, shots: shots, tasks: tasks))
        sequence = record.lastEvent
        hasEnded = record.isTerminal
        hasMore = false
    }

    private mutating func tellNews() async throws {
        let events = try await repository.events(
            of: run, after: sequence, limit: APILimits.eventBatchMax, tenant: tenant)
        if let first = events.first, first.sequence > sequence + 1 {
            // Events between have been deleted since.
            return try await tellResync()
        }
        for event in events {
            try tell(event.kind.rawValue, id: event.sequence, event)
            sequence = event.sequence
            // Only the last one counts: a run that ended may have been reopened since.
            hasEnded = event.endsRun
            if let task = event.task { progress[task] = nil }
        }
        hasMore = events.count == APILimits.eventBatchMax && !hasEnded
    }

    private mutating func tellProgress() async throws {
        let now = ContinuousClock.now
        guard now - progressAt >= timing.progress else { return }
        progressAt = now
        let running = try await repository.tasks(
            TaskFilter(run: run, states: [.running]), after: nil, limit: Self.progressTasksMax, tenant: tenant)
        for task in running.items {
            let told = Told(phase: task.phase, progress: task.progress)
            guard progress[task.id] != told, task.phase != nil || task.progress != nil else { continue }
            progress[task.id] = told
            let event = RunEventRecord(
                run: run, sequence: 0, kind: .taskProgress, at: task.startedAt ?? task.createdAt, state: task.state,
                task: task.id, taskKey: task.key, shot: task.shot, attempt: task.attempt, phase: task.phase,
                progress: task.progress)
            try tell(event.kind.rawValue, id: nil, event)
        }
    }
}
