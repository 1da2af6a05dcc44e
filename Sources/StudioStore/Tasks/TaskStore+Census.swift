package import Postgres
package import StudioCore

/// How tasks and workers stand at one moment, over all tenants.
package struct Census: Sendable, Hashable {
    /// Tasks of one kind in one state.
    package struct Group: Sendable, Hashable {
        package let kind: TaskKind
        package let state: TaskState
        package let count: Int
    }

    /// Those that have not ended; groups without any task are left out.
    package internal(set) var tasks: [Group] = []
    /// How long the queued task that has waited longest has, by kind, in seconds; kinds without any are left out.
    ///
    /// The time of an attempt before, and of the delay after it, does not count.
    package internal(set) var oldestWaitSeconds: [TaskKind: Double] = [:]
    /// How long the task that has waited longest to be offered to workers has, in seconds; 0 when none waits.
    package internal(set) var dispatchLagSeconds = 0.0
    /// Tasks that no worker can do.
    package internal(set) var withoutWorker = 0
    /// Retries beyond their tenants' budgets.
    package internal(set) var withoutBudget = 0
    /// The workers heard of within the last hour; states without any are left out.
    package internal(set) var workers: [WorkerRecord.State: Int] = [:]
}

extension TaskStore {
    /// The longest that a census may take, in milliseconds; then it is given up.
    private static let censusMilliseconds = 2_000

    /// Counts: tasks from an index alone.
    package func census() async throws -> Census {
        try await client.transaction { transaction in
            try transaction.execute("SET LOCAL statement_timeout = \(unsafe: "\(Self.censusMilliseconds)")")
            var census = Census()
            try Self.count(into: &census, in: transaction)
            census.workers = try RunStore.workerStates(in: transaction)
            return census
        }
    }

    /// Everything it reads of a task stands in the index `tasks_open`.
    package static let censusQuery: SQL = """
        SELECT kind, state, count(*)::int AS n, (count(*) FILTER (WHERE parked = 'capability'))::int AS unable,
            (count(*) FILTER (WHERE parked = 'retry_budget'))::int AS held,
            extract(epoch FROM now() - min(greatest(queued_at, run_at)) FILTER (
                WHERE state = 'queued' AND run_at <= now()))::float8 AS waited,
            extract(epoch FROM now() - min(greatest(queued_at, run_at)) FILTER (
                WHERE state IN ('queued', 'retrying') AND parked IS NULL AND run_at <= now()
                    AND (hint_expires IS NULL OR hint_expires <= now())))::float8 AS lag
        FROM tasks WHERE state IN ('blocked', 'queued', 'running', 'retrying', 'paused', 'canceling')
        GROUP BY kind, state
        """

    private static func count(into census: inout Census, in transaction: borrowing Transaction) throws {
        for row in try transaction.query(censusQuery) {
            let kind = try row.value("kind", as: TaskKind.self)
            census.tasks.append(
                Census.Group(kind: kind, state: try row.value("state"), count: try row.decode("n")))
            census.withoutWorker += try row.decode("unable", as: Int.self)
            census.withoutBudget += try row.decode("held", as: Int.self)
            if let waited = try row.decode("waited", as: Double?.self) { census.oldestWaitSeconds[kind] = waited }
            let lag = try row.decode("lag", as: Double?.self) ?? 0
            census.dispatchLagSeconds = max(census.dispatchLagSeconds, lag)
        }
    }
}
