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
        let state = try Self.desiredState(try await request.json())
        guard let worker = try await repository.want(state, of: id) else { throw Problem.notFound("worker") }
        context.logger.info("Worker wanted \(state.rawValue)", metadata: ["worker.id": "\(id)"])
        return try .json(worker)
    }

    private static func desiredState(_ body: JSONValue) throws -> DesiredWorkerState {
        guard case .object(let members) = body else {
            throw refusal("", "wrong_type", "is no object: send {\"desired_state\": \"paused\"}")
        }
        for (name, _) in members where name != "desired_state" {
            throw refusal(
                JSONPointer.root.appending(name).text, "unknown_field",
                "is not known: only desired_state can be changed")
        }
        guard case .string(let text)? = body["desired_state"], let state = DesiredWorkerState(rawValue: text) else {
            let known = DesiredWorkerState.allCases.map(\.rawValue).joined(separator: ", ")
            throw refusal("/desired_state", "unknown_value", "must be one of: \(known)")
        }
        return state
    }

    private static func refusal(_ pointer: String, _ code: String, _ detail: String) -> Problem {
        Problem(
            .unprocessableContent, code: "invalid_worker_change", detail: "The change of the worker cannot be made.",
            errors: [ProblemRecord.Fault(pointer: pointer, code: code, detail: detail)])
    }
}
