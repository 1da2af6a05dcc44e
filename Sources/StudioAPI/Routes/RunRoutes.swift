import CrashPoint
import HTTPTypes
import Hummingbird
import Logging
import ServiceLifecycle
import StudioCore

/// Runs: submitting, listing, viewing.
struct RunRoutes: Sendable {
    let configuration: APIConfiguration
    let repository: any RunRepository
    let gate: WaiterGate
    private let planner = Planner()

    init(configuration: APIConfiguration, repository: any RunRepository, gate: WaiterGate) {
        self.configuration = configuration
        self.repository = repository
        self.gate = gate
    }

    private var tenant: TenantID { configuration.tenant }

    func add(to table: inout RouteTable) {
        table.post("/v1/runs", create)
        table.get("/v1/runs", list)
        table.get("/v1/runs/{id}", view)
        table.get("/v1/runs/{id}/shots", shots)
        table.get("/v1/runs/{id}/tasks", tasks)
        table.get("/v1/runs/{id}/spent", spent)
        table.get("/v1/runs/{id}/artifacts", artifacts)
    }

    private func create(_ request: Request, _ context: APIContext) async throws -> Response {
        var query = QueryReader(request)
        let dryRun = query.flag("dry_run")
        try query.finish()
        let spec = try RunSpec.parse(try await request.json())
        let plan = planner.plan(spec)
        if dryRun { return try .json(PlanRecord(plan)) }

        let canonical = spec.canonicalJSON
        let outcome = try await repository.createRun(
            NewRun(
                tenant: tenant, specification: canonical, plan: plan,
                idempotency: try request.idempotencyClaim(of: canonical), metadata: spec.metadata,
                labels: spec.labels, deadlineSeconds: spec.policy.deadlineSeconds))
        switch outcome {
        case .created(let run):
            CrashPoint.reach(.apiAccepted)
            context.logger.info(
                "Run accepted", metadata: ["run": "\(run.id)", "tasks": "\(plan.tasks.count)"])
            return try accepted(run)
        case .replayed(let run):
            return try accepted(run, headers: [.idempotencyReplayed: "true"])
        case .conflictingBody: throw Problem.keyReused
        case .inFlight: throw Problem.keyInFlight
        }
    }

    private func accepted(_ run: RunRecord, headers: HTTPFields = [:]) throws -> Response {
        var headers = headers
        headers[.location] = "/v1/runs/\(run.id)"
        return try .json(run, status: .created, headers: headers)
    }

    private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        var query = QueryReader(request)
        let filter = RunFilter(
            states: query.choices("status"), labels: query.list("label"), createdAfter: query.time("created_after"))
        let limit = query.limit()
        let after = query.cursor(of: RunID.self)
        try query.finish()
        let page = try await repository.runs(filter, after: after, limit: limit, tenant: tenant)
        return try .document(RecordList(page, position: \.id), for: request)
    }

    private func view(_ request: Request, _ context: APIContext) async throws -> Response {
        var query = QueryReader(request)
        try query.finish()
        let id: RunID = try context.identifier("run")
        let wait = request.preferredWaitSeconds
        guard wait > 0 else { return try .document(try await existing(id), for: request) }
        let run = try await terminal(id, within: .seconds(wait))
        return try .document(run, for: request, headers: [.preferenceApplied: "wait=\(wait)"])
    }

    private func existing(_ id: RunID) async throws -> RunRecord {
        guard let run = try await repository.run(id, tenant: tenant) else { throw Problem.notFound("run") }
        return run
    }

    /// The run when it has ended, or as it is when the time is up or the server stops.
    private func terminal(_ id: RunID, within limit: Duration) async throws -> RunRecord {
        try gate.enter()
        defer { gate.leave() }
        let deadline = ContinuousClock.now + limit
        while true {
            let run = try await existing(id)
            if run.isTerminal || ContinuousClock.now >= deadline || Task.isShuttingDownGracefully { return run }
            try await Task.sleep(for: configuration.timing.poll)
        }
    }

    private func shots(_ request: Request, _ context: APIContext) async throws -> Response {
        var query = QueryReader(request)
        try query.finish()
        let shots = try await repository.shots(of: try context.identifier("run"), tenant: tenant)
        guard let shots else { throw Problem.notFound("run") }
        return try .document(RecordList(data: shots), for: request)
    }

    private func spent(_ request: Request, _ context: APIContext) async throws -> Response {
        var query = QueryReader(request)
        try query.finish()
        let spent = try await repository.spent(by: try context.identifier("run"), tenant: tenant)
        guard let spent else { throw Problem.notFound("run") }
        return try .document(spent, for: request)
    }

    private func tasks(_ request: Request, _ context: APIContext) async throws -> Response {
        let run: RunID = try context.identifier("run")
        var query = QueryReader(request)
        let filter = TaskFilter(run: run, states: query.choices("status"), kinds: query.choices("kind"))
        let limit = query.limit()
        let after = query.cursor(of: TaskID.self)
        try query.finish()
        let page = try await repository.tasks(filter, after: after, limit: limit, tenant: tenant)
        if page.items.isEmpty { _ = try await existing(run) }
        return try .document(RecordList(page, position: \.id), for: request)
    }

    private func artifacts(_ request: Request, _ context: APIContext) async throws -> Response {
        var query = QueryReader(request)
        try query.finish()
        let run: RunID = try context.identifier("run")
        let artifacts = try await repository.artifacts(of: run, tenant: tenant)
        if artifacts.isEmpty { _ = try await existing(run) }
        return try .document(RecordList(data: artifacts), for: request)
    }
}
