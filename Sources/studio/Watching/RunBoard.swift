import Foundation
import StudioClient
import StudioCore

/// What a watcher knows of a run: changed by news, drawn by ``LiveView``.
struct RunBoard: Sendable {
    /// A shot, or what belongs to no shot.
    struct Row: Sendable, Hashable {
        let name: String
        var state: TaskState
        /// 0 to 1.
        var ratio: Double
        /// What it is busy with.
        var detail: String
    }

    private(set) var run: RunRecord
    private(set) var shots: [ShotRecord] = []
    private(set) var tasks: [String: TaskRecord] = [:]
    /// Failures that were followed by another attempt.
    private(set) var retries = 0

    init(run: RunRecord) {
        self.run = run
    }

    /// Takes one piece of news; gives the lines that tell it to somebody without a terminal.
    mutating func take(_ news: RunNews) -> [String] {
        switch news {
        case .snapshot(let snapshot):
            let old = run.state
            run = snapshot.run
            shots = snapshot.shots
            tasks = Dictionary(snapshot.tasks.map { ($0.key, $0) }) { $1 }
            return old == run.state ? [] : ["run \(run.state.rawValue)"]
        case .event(let event):
            return take(event)
        }
    }

    private mutating func take(_ event: RunEventRecord) -> [String] {
        if event.sequence > 0 { run.lastEvent = max(run.lastEvent, event.sequence) }
        guard let key = event.taskKey else {
            guard let state = event.state.flatMap({ RunState(rawValue: $0.rawValue) }) else { return [] }
            let isNews = run.state != state
            run.state = state
            // What ended it before no longer counts.
            if event.kind == .runReopened {
                run.reason = nil
                return ["run reopened"]
            }
            if let reason = event.reason { run.reason = reason }
            return isNews ? ["run \(state.rawValue)\(event.reason.map { ": \($0.detail)" } ?? "")"] : []
        }
        guard var task = tasks[key] else { return [] }
        let old = task.state
        if let state = event.state { task.state = state }
        if let attempt = event.attempt { task.attempt = attempt }
        // A blocked task has no past: it begins a new life when its run is reopened.
        if event.reason != nil || task.state == .blocked { task.reason = event.reason }
        task.phase = event.phase
        task.progress = event.progress
        tasks[key] = task
        guard task.state != old else { return [] }
        if task.state == .retrying { retries += 1 }
        var line = "\(key) \(task.state.rawValue)"
        if task.attempt.n > 1 { line += " (attempt \(task.attempt.n) of \(task.attempt.max))" }
        if task.state == .failed || task.state == .retrying, let reason = task.reason { line += ": \(reason.detail)" }
        return [line]
    }

    /// One row a shot, then one for all that belongs to no shot.
    var rows: [Row] {
        let byShot = Dictionary(grouping: tasks.values) { $0.shot ?? "" }
        var rows = shots.map { shot in Self.row(shot.name, byShot[shot.name] ?? []) }
        // Each of a film's own tasks stands for itself; of many no-op tasks one row is enough.
        let own = (byShot[""] ?? []).sorted { $0.key < $1.key }
        if own.count > 8 {
            rows.append(Self.row("tasks", own))
        } else {
            rows += own.map { Self.row($0.key, [$0]) }
        }
        return rows
    }

    private static func row(_ name: String, _ tasks: [TaskRecord]) -> Row {
        let state = TaskCounts(of: tasks.map(\.state)).combined
        let done = tasks.reduce(0.0) { $0 + ($1.isTerminal ? 1 : $1.progress?.ratio ?? 0) }
        let busy = tasks.filter { [.running, .retrying, .canceling].contains($0.state) }.sorted { $0.key < $1.key }
        let details = busy.prefix(2).map { task in
            var text = task.key.split(separator: "/").last.map(String.init) ?? task.key
            if task.state != .running { text += " \(task.state.rawValue)" }
            if let phase = task.phase { text += " \(phase)" }
            if task.attempt.n > 1 { text += " \(task.attempt.n)/\(task.attempt.max)" }
            return text
        }
        var detail = details.joined(separator: ", ")
        if busy.count > 2 { detail += " +\(busy.count - 2)" }
        if let failed = tasks.first(where: { $0.state == .failed }) { detail = failed.reason?.detail ?? detail }
        return Row(name: name, state: state, ratio: tasks.isEmpty ? 0 : done / Double(tasks.count), detail: detail)
    }

    /// How much of the run is done, 0 to 1.
    var ratio: Double {
        guard !tasks.isEmpty else { return run.isTerminal ? 1 : 0 }
        let done = tasks.values.reduce(0.0) { $0 + ($1.isTerminal ? 1 : $1.progress?.ratio ?? 0) }
        return done / Double(max(tasks.count, run.tasks.total))
    }

    var doneTasks: Int { tasks.values.count(where: \.isTerminal) }
    var failures: [TaskRecord] { tasks.values.filter { $0.state == .failed }.sorted { $0.key < $1.key } }
}
