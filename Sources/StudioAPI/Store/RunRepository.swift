package import StudioCore

/// What the API needs of the database; every answer is limited to the tenant's rows.
package protocol RunRepository: Sendable {
    /// Accepts a run: run, shots, tasks, dependencies, first event and idempotency key in one transaction.
    func createRun(_ run: NewRun) async throws -> CreateOutcome

    func run(_ id: RunID, tenant: TenantID) async throws -> RunRecord?

    /// Newest first, by identifier; starts below `after`.
    func runs(_ filter: RunFilter, after: RunID?, limit: Int, tenant: TenantID) async throws -> Page<RunRecord>

    /// All shots in the order of the film; `nil` when there is no such run.
    func shots(of run: RunID, tenant: TenantID) async throws -> [ShotRecord]?

    /// In the order of their identifiers; starts above `after`.
    func tasks(_ filter: TaskFilter, after: TaskID?, limit: Int, tenant: TenantID) async throws -> Page<TaskRecord>

    func task(_ id: TaskID, tenant: TenantID) async throws -> TaskRecord?

    /// The stored events with a number above `sequence`, in order.
    func events(of run: RunID, after sequence: Int64, limit: Int, tenant: TenantID) async throws -> [RunEventRecord]

    /// Does what a user asks of a run; asking again for what is so already changes nothing.
    func control(
        _ action: RunAction, run: RunID, tenant: TenantID, idempotency: IdempotencyClaim?
    ) async throws -> ControlOutcome<RunRecord>

    /// Does what a user asks of one task; asking again for what is so already changes nothing.
    func control(
        _ action: TaskAction, task: TaskID, tenant: TenantID, idempotency: IdempotencyClaim?
    ) async throws -> ControlOutcome<TaskRecord>

    /// Every attempt of a task, the first one first.
    func attempts(of task: TaskID, tenant: TenantID) async throws -> [AttemptEntry]?

    /// What a run's attempts have cost.
    func spent(by run: RunID, tenant: TenantID) async throws -> SpentRecord?

    /// Why a task is where it is.
    func why(_ id: TaskID, tenant: TenantID) async throws -> WhyRecord?

    func artifact(_ id: ArtifactID, tenant: TenantID) async throws -> ArtifactRecord?

    /// The visible artifacts of a run, in the order of their identifiers.
    func artifacts(of run: RunID, tenant: TenantID) async throws -> [ArtifactRecord]

    func workers() async throws -> [WorkerRecord]

    /// Writes down what an operator wants of a worker, and answers it; `nil` when there is none of this id.
    func want(_ state: DesiredWorkerState, of worker: WorkerID) async throws -> WorkerRecord?

    func queueStats(tenant: TenantID) async throws -> QueueStats

    /// Returns when the database answers.
    func ping() async throws

    /// Whether a call failed because the database is away at the moment, so that it may succeed later.
    func isUnavailable(_ error: any Error) -> Bool
}
