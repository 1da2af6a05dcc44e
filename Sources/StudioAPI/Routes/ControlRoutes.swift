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
        table.post("/v1/runs/{id}/cancel") { try await controlRun(.cancel, $0, $1) }
        table.post("/v1/runs/{id}/pause") { try await controlRun(.pause, $0, $1) }
        table.post("/v1/runs/{id}/resume") { try await controlRun(.resume, $0, $1) }
        table.post("/v1/runs/{id}/retry", retry)
        for action in TaskAction.allCases {
            table.post("/v1/tasks/{id}/\(action.rawValue)") { try await control(action, $0, $1) }
        }
    }

    private func retry(_ request: Request, _ context: APIContext) async throws -> Response {
        var query = QueryReader(request)
        let scope = query.choice("scope", of: RetryScope.self) ?? .failed
        try query.finish()
        return try await perform(
            .retry(scope), "scope=\(scope.rawValue)", request, context,
            bodyCure: "what is done once more is the query parameter scope, failed or all")
    }

    private func controlRun(_ action: RunAction, _ request: Request, _ context: APIContext) async throws -> Response {
        var query = QueryReader(request)
        try query.finish()
        return try await perform(action, "", request, context)
    }

    /// - Parameter body: what makes two requests of one path the same.
    private func perform(
        _ action: RunAction, _ body: String, _ request: Request, _ context: APIContext,
        bodyCure: String = Self.bodyCure
    ) async throws -> Response {
        let id: RunID = try context.identifier("run")
        try await request.refuseBody(cure: bodyCure)
        let outcome = try await repository.control(
            action, run: id, tenant: tenant, idempotency: try request.idempotencyClaim(of: body))
        context.logger.info("Run asked to \(action.verb)", metadata: ["run": "\(id)"])
        return try Self.response(outcome, noun: "run") { .wrongState(action, of: $0) }
    }

    private func control(_ action: TaskAction, _ request: Request, _ context: APIContext) async throws -> Response {
        var query = QueryReader(request)
        try query.finish()
        let id: TaskID = try context.identifier("task")
        try await request.refuseBody(cure: Self.bodyCure)
        let outcome = try await repository.control(
            action, task: id, tenant: tenant, idempotency: try request.idempotencyClaim(of: ""))
        context.logger.info("Task asked to \(action.rawValue)", metadata: ["task": "\(id)"])
        return try Self.response(outcome, noun: "task") { .wrongState(action, of: $0) }
    }

    private static let bodyCure = "its path says all there is to say"

    private static func response(
        _ outcome: ControlOutcome<some Encodable & Sendable>, noun: String, refusal: (TaskState) -> Problem
    ) throws -> Response {
        switch outcome {
        case .done(let record): try .json(record)
        case .replayed(let record): try .json(record, headers: [.idempotencyReplayed: "true"])
        case .conflictingBody: throw Problem.keyReused
        case .inFlight: throw Problem.keyInFlight
        case .refused(let state): throw refusal(state)
        case .notFound: throw Problem.notFound(noun)
        }
    }
}
