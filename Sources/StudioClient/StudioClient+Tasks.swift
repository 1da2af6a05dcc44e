import FoundationEssentials
import NIOHTTP1
package import StudioCore

extension StudioClient {
    /// Largest page that the API gives.
    private static let pageMax = 200

    package func task(_ id: TaskID) async throws -> TaskRecord {
        try await transport.answer(to: Call(.GET, "/v1/tasks/\(id)")).decode()
    }

    /// Asks something of a task, and answers it as it is afterwards; safe to call again.
    package func control(_ action: TaskAction, task: TaskID) async throws -> TaskRecord {
        var call = Call(.POST, "/v1/tasks/\(task)/\(action.rawValue)")
        call.headers = [("idempotency-key", "\"\(UUID.version7().uuidString.lowercased())\"")]
        return try await transport.answer(to: call).decode()
    }

    /// Every attempt of a task, the first one first.
    package func attempts(of task: TaskID) async throws -> [AttemptEntry] {
        let list: RecordList<AttemptEntry> = try await transport.answer(to: Call(.GET, "/v1/tasks/\(task)/attempts"))
            .decode()
        return list.data
    }

    /// Why a task is where it is.
    package func why(_ task: TaskID) async throws -> WhyRecord {
        try await transport.answer(to: Call(.GET, "/v1/tasks/\(task)/why")).decode()
    }

    /// Tasks in the order of their identifiers.
    package func tasks(
        _ filter: TaskFilter, limit: Int? = nil, cursor: String? = nil
    ) async throws -> RecordList<TaskRecord> {
        var call = Call(.GET, filter.run.map { "/v1/runs/\($0)/tasks" } ?? "/v1/tasks")
        call.query = filter.states.sorted { $0.rawValue < $1.rawValue }.map { ("status", $0.rawValue) }
        call.query += filter.kinds.sorted { $0.rawValue < $1.rawValue }.map { ("kind", $0.rawValue) }
        call.add(limit: limit, cursor: cursor)
        return try await transport.answer(to: call).decode()
    }

    /// Every task that `filter` lets through, page by page.
    package func allTasks(_ filter: TaskFilter) async throws -> [TaskRecord] {
        var tasks: [TaskRecord] = []
        var cursor: String?
        repeat {
            let page = try await self.tasks(filter, limit: Self.pageMax, cursor: cursor)
            tasks += page.data
            cursor = page.nextCursor
        } while cursor != nil
        return tasks
    }
}
