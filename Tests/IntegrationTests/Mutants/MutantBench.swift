import Chaos
import Foundation
import Postgres
import StudioCore
import StudioStore
import Testing

/// A schema of its own whose stores speak to Postgres through a proxy that can break their statements.
struct MutantBench {
    /// Something that is not as it must be.
    struct Caught: Error, CustomStringConvertible {
        let description: String
    }

    /// A statement of the store that waits longer for a lock has failed.
    private static let lockTimeout = Duration.seconds(2)
    private static let terminal: SQL = "('succeeded', 'failed', 'canceled', 'skipped')"

    /// The stores, behind the proxy.
    let store: StoreBench
    let artifacts: ArtifactStore
    /// What tells the truth, and what others do meanwhile: not behind the proxy.
    let direct: PostgresClient
    let mutant: MutantSwitch

    static func with(_ body: (MutantBench) async throws -> Void) async throws {
        try await StoreBench.with { direct in
            var configuration = direct.client.configuration
            var url = try #require(URLComponents(string: configuration.url))
            let port = try #require(url.port, "DATABASE_URL names no port")
            #expect(["127.0.0.1", "localhost"].contains(url.host), "the proxy is for a database of this machine")
            let mutant = MutantSwitch()
            let proxy = try FaultProxy(to: port) {
                var filter = StatementFilter(change: mutant.text)
                return { filter.pass($0) }
            }
            defer { proxy.close() }
            url.port = proxy.port
            // What is encrypted cannot be changed.
            url.queryItems = (url.queryItems ?? []) + [URLQueryItem(name: "sslmode", value: "disable")]
            configuration.url = try #require(url.string)
            configuration.applicationName = configuration.schema ?? ""
            configuration.lockTimeout = lockTimeout
            // A statement that is prepared already would not be said again.
            configuration.preparedStatementsMax = 0
            let client = PostgresClient(configuration: configuration, logger: PostgresBench.quiet)
            let store = StoreBench(
                client: client, runs: RunStore(client: client),
                tasks: TaskStore(client: client, retryPolicy: direct.tasks.retryPolicy),
                workers: WorkerStore(client: client))
            let bench = MutantBench(
                store: store, artifacts: ArtifactStore(client: client), direct: direct.client, mutant: mutant)
            let result: Result<Void, any Error>
            do { result = .success(try await body(bench)) } catch { result = .failure(error) }
            await client.close()
            try result.get()
        }
    }

    // MARK: - Scenarios

    /// Plays a scenario on an empty schema, lets all runs end, and looks at what must be true then; throws what is
    /// wrong.
    func play(_ scenario: MutantScenario) async throws {
        for table: SQL in ["runs", "workers", "worker_health"] { try await direct.execute("DELETE FROM " + table) }
        try await scenario.play(self)
        try await end()
        let violations = try await Chaos.Invariants.violations(client: direct)
        try demand(violations.isEmpty, violations.joined(separator: "; "))
    }

    /// Has everything run until it ends.
    private func end() async throws {
        let worker = WorkerID()
        for _ in 0..<20 {
            try await direct.execute(
                """
                UPDATE tasks SET lease_expires = now() - interval '1 second' WHERE state IN ('running', 'canceling')
                """)
            _ = try await store.tasks.expireLeases(limit: 100)
            for row in try await direct.query("SELECT id FROM runs WHERE state = 'paused'") {
                let run = RunID(try row.decode("id", as: UUID.self))
                _ = try await store.runs.control(.resume, run: run, tenant: .standard)
            }
            let open = try await direct.query(
                "SELECT id, attempt, state FROM tasks WHERE state NOT IN \(fragment: Self.terminal) ORDER BY id")
            if open.isEmpty { return }
            for row in open {
                let task = TaskID(try row.decode("id", as: UUID.self))
                let (attempt, state) = (
                    try row.decode("attempt", as: Int.self), try row.decode("state", as: String.self)
                )
                if state == "paused" { _ = try await store.runs.control(.resume, task: task, tenant: .standard) }
                guard ["queued", "retrying"].contains(state),
                    try await claim(task, after: attempt, by: worker) == .granted(attempt + 1)
                else { continue }
                _ = try await complete(task, attempt + 1, by: worker)
            }
        }
        throw Caught(description: "not everything ends")
    }

    func demand(_ isTrue: Bool, _ what: @autoclosure () -> String) throws {
        if !isTrue { throw Caught(description: what()) }
    }

    // MARK: - What others do meanwhile

    /// Does `body` while somebody holds the row of this run or task.
    func holding<Value: Sendable>(
        _ table: SQL, _ id: UUID, _ body: () async throws -> Value
    ) async throws -> Value {
        let release = DispatchSemaphore(value: 0)
        let direct = direct
        async let hold: Void = direct.transaction { transaction in
            _ = try transaction.query("SELECT FROM " + table + " WHERE id = \(id) FOR UPDATE")
            release.wait()
        }
        let result: Result<Value, any Error>
        do {
            let isHeld = try await PostgresBench.eventually {
                try await direct.query("SELECT FROM " + table + " WHERE id = \(id) FOR UPDATE SKIP LOCKED").isEmpty
            }
            try demand(isHeld, "the row cannot be held")
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        release.signal()
        try await hold
        return try result.get()
    }

    /// Begins these calls while somebody holds the run, does `meanwhile` when all of them wait, and lets the run go.
    func waiting<Value: Sendable>(
        for run: RunID, _ calls: (@Sendable () async throws -> Value)..., meanwhile: () async throws -> Void = {}
    ) async throws -> [Value] {
        try await withThrowingTaskGroup(of: (Int, Value).self) { group in
            try await holding("runs", run.uuid) {
                for (place, call) in calls.enumerated() { group.addTask { (place, try await call()) } }
                let name = direct.configuration.schema ?? ""
                let wait = try await PostgresBench.eventually(within: Self.lockTimeout / 2) {
                    let rows = try await direct.query(
                        """
                        SELECT FROM pg_stat_activity WHERE application_name = \(name) AND wait_event_type = 'Lock'
                        """)
                    return rows.count == calls.count
                }
                try demand(wait, "a transaction does not wait for the run that another one holds")
                try await meanwhile()
            }
            return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }
}

extension MutantBench {
    static func show(_ lines: [String]) {
        for line in lines { print(line) }
    }
}
