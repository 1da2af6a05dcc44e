import HTTPTypes
import Hummingbird
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
        table.get("/v1/queue_stats") { request, _ in
            var query = QueryReader(request)
            try query.finish()
            return try .document(try await repository.queueStats(tenant: tenant), for: request)
        }
    }
}
