import StudioClient
import StudioCore

extension StudioClient {
    private static let pagesMax = 25
    private static let pageMax = 200
    /// Runs that are searched for a task: those accepted at about the same time may have made theirs before it.
    private static let searchedRunsMax = 50

    /// The task whose id is, or alone begins with, `text`; also without `task_`.
    ///
    /// A run's tasks are made when it is accepted, and ids tell when they were made: so the newest of the runs that are
    /// no younger than the task are searched.
    func task(named text: String) async throws -> TaskID {
        if let id = TaskID(text) { return id }
        let prefix = IDPrefix<RenderTaskKind>(text)
        var found: [TaskID] = []
        for run in try await newestRuns(where: prefix.mayFollow) {
            found += try await allTasks(TaskFilter(run: run)).map(\.id).filter(prefix.matches)
        }
        guard let task = found.first else {
            throw Failure(
                .notFound,
                "There is no task whose id begins with \(prefix.text).\n→ `studio task list RUN` shows those of a run.")
        }
        guard found.count == 1 else {
            throw Failure(
                .usage, "\(Spoken.count(found.count, "task")) begin with \(prefix.text): write more of the id.")
        }
        return task
    }

    private func newestRuns(where isWanted: (RunID) -> Bool) async throws -> [RunID] {
        var wanted: [RunID] = []
        var cursor: String?
        for _ in 0..<Self.pagesMax {
            let page = try await runs(limit: Self.pageMax, cursor: cursor)
            wanted += page.data.map(\.id).filter(isWanted)
            cursor = page.nextCursor
            if cursor == nil || wanted.count >= Self.searchedRunsMax { break }
        }
        return Array(wanted.prefix(Self.searchedRunsMax))
    }

    /// The worker that is there and has this name or id; else the one whose id alone begins so, also without `wkr_`.
    func worker(named text: String) async throws -> WorkerRecord {
        let workers = try await workers().filter { $0.state != .lost }
        let prefix = IDPrefix<WorkerKind>(text)
        let named = workers.filter { $0.name == text || "\($0.id)" == text }
        let found = named.isEmpty ? workers.filter { prefix.matches($0.id) } : named
        guard let first = found.first else {
            throw Failure(.notFound, "There is no worker \(text).\n→ `studio worker list` shows those that are there.")
        }
        guard found.count == 1 else {
            let ids = found.map { "\($0.id)" }.joined(separator: ", ")
            throw Failure(.conflict, "\(text) names \(found.count) workers.\n→ Name one by its id: \(ids)")
        }
        return first
    }
}
