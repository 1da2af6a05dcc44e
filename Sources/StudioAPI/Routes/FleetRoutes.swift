import HTTPTypes
import Hummingbird
import Logging
import StudioCore

/// Workers and queues.
struct FleetRoutes: Sendable {
    let tenant: TenantID
    let repository: any RunRepository

    func add(to table: inout RouteTable) {
        let (tenant, repository) = (tenant, repository)
        table.get("/v1/workers") { request, _ in
            var query = QueryReader(request)
            try query.finish()
            return try .document(RecordList(data: try await repository.workers()), for: request)
        }
        table.patch("/v1/workers/{id}", change)
        table.get("/v1/queue_stats") { request, _ in
            var query = QueryReader(request)
            try query.finish()
            return try .document(try await repository.queueStats(tenant: tenant), for: request)
        }
    }

    /// Has a worker take work, take none for now, or end when it is done.
    private func change(_ request: Request, _ context: APIContext) async throws -> Response {
        var query = QueryReader(request)
        try query.finish()
        let id: WorkerID = try context.identifier("worker")
        let state = try WorkerChange(try await request.json()).desiredState
        guard let worker = try await repository.want(state, of: id) else { throw Problem.notFound("worker") }
        context.logger.info("Worker wanted \(state.rawValue)", metadata: ["worker.id": "\(id)"])
        return try .json(worker)
    }
}
