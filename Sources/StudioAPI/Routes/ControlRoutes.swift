import HTTPTypes
import Hummingbird
import Logging
import StudioCore

/// What users ask of runs and tasks that are under way: cancel, pause, resume, retry.
///
/// Each answers with the record as it is afterwards. Asking again for what is so already changes nothing, so that all
/// of them but a retry may be repeated without an idempotency key.
struct ControlRoutes: Sendable {
    let tenant: TenantID
    let repository: any RunRepository

    func add(to table: inout RouteTable) {
        table.post("/v1/runs/{id}/cancel") { try await control(.cancel, "cancel", $0, $1) }
        table.post("/v1/runs/{id}/pause") { try await control(.pause, "pause", $0, $1) }
        table.post("/v1/runs/{id}/resume") { try await control(.resume, "resume", $0, $1) }
        table.post("/v1/runs/{id}/retry", retry)
        for action in TaskAction.allCases {
            table.post("/v1/tasks/{id}/\(action.rawValue)") { try await control(action, $0, $1) }
        }
    }

    private func retry(_ request: Request, _ context: APIContext) async throws -> Response {
        var query = QueryReader(request)
        let scope = query.choice("scope", of: RetryScope.self) ?? .failed
        try query.finish()
        return try await run(.retry(scope), "retry", "scope=\(scope.rawValue)", request, context)
    }

    private func control(
        _ action: RunAction, _ name: String, _ request: Request, _ context: APIContext
    ) async throws -> Response {
        var query = QueryReader(request)
        try query.finish()
        return try await run(action, name, "", request, context)
    }

    private func run(
        _ action: RunAction, _ name: String, _ body: String, _ request: Request, _ context: APIContext
    ) async throws -> Response {
        let id: RunID = try context.identifier("run")
        let outcome = try await repository.control(
            action, run: id, tenant: tenant, idempotency: try request.idempotencyClaim(of: body))
        context.logger.info("Run asked to \(name)", metadata: ["run": "\(id)"])
        return try Self.response(outcome, noun: "run", action: name)
    }

    private func control(_ action: TaskAction, _ request: Request, _ context: APIContext) async throws -> Response {
        var query = QueryReader(request)
        try query.finish()
        let id: TaskID = try context.identifier("task")
        let outcome = try await repository.control(
            action, task: id, tenant: tenant, idempotency: try request.idempotencyClaim(of: ""))
        context.logger.info("Task asked to \(action.rawValue)", metadata: ["task": "\(id)"])
        return try Self.response(outcome, noun: "task", action: action.rawValue)
    }

    private static func response(
        _ outcome: ControlOutcome<some Encodable & Sendable>, noun: String, action: String
    ) throws -> Response {
        switch outcome {
        case .done(let record): try .json(record)
        case .replayed(let record): try .json(record, headers: [.idempotencyReplayed: "true"])
        case .conflictingBody: throw Problem.keyReused
        case .inFlight: throw Problem.keyInFlight
        case .refused(let state): throw Problem.wrongState(noun, state, action)
        case .notFound: throw Problem.notFound(noun)
        }
    }
}
