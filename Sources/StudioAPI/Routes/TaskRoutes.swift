import HTTPTypes
import Hummingbird
import StudioCore

/// Tasks of all runs.
struct TaskRoutes: Sendable {
    let tenant: TenantID
    let repository: any RunRepository

    func add(to table: inout RouteTable) {
        table.get("/v1/tasks", list)
        table.get("/v1/tasks/{id}", view)
        table.get("/v1/tasks/{id}/attempts", attempts)
        table.get("/v1/tasks/{id}/why", why)
    }

    private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        var query = QueryReader(request)
        let filter = TaskFilter(
            run: query.identifier("run"), states: query.choices("status"), kinds: query.choices("kind"))
        let limit = query.limit()
        let after = query.cursor(of: TaskID.self)
        try query.finish()
        let page = try await repository.tasks(filter, after: after, limit: limit, tenant: tenant)
        return try .document(RecordList(page, position: \.id), for: request)
    }

    private func view(_ request: Request, _ context: APIContext) async throws -> Response {
        var query = QueryReader(request)
        try query.finish()
        let task = try await repository.task(try context.identifier("task"), tenant: tenant)
        guard let task else { throw Problem.notFound("task") }
        return try .document(task, for: request)
    }

    private func attempts(_ request: Request, _ context: APIContext) async throws -> Response {
        var query = QueryReader(request)
        try query.finish()
        let attempts = try await repository.attempts(of: try context.identifier("task"), tenant: tenant)
        guard let attempts else { throw Problem.notFound("task") }
        return try .document(RecordList(data: attempts), for: request)
    }

    private func why(_ request: Request, _ context: APIContext) async throws -> Response {
        var query = QueryReader(request)
        try query.finish()
        let why = try await repository.why(try context.identifier("task"), tenant: tenant)
        guard let why else { throw Problem.notFound("task") }
        return try .json(why)
    }
}
