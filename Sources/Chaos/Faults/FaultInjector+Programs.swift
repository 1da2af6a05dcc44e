import CrashPoint
import DevStack
import Foundation
import Postgres
import StudioClient
import StudioCore
import Synchronization

/// Faults of our own programs.
extension FaultInjector {
    private static let pollInterval = Duration.milliseconds(100)
    private static let busyLimit = Duration.seconds(1)
    private static let readyLimit = Duration.seconds(90)

    func kill(_ name: String, _ injection: inout Injection) async throws {
        injection.record.target = name
        injection.record.workers = await workers(named: name)
        injection.record.begin = Date()
        guard dead.withLock({ $0.insert(name).inserted }) else {
            injection.record.outcome = .missed
            return
        }
        defer { dead.withLock { _ = $0.remove(name) } }
        guard await studio.supervisor.kill(name) else {
            injection.record.outcome = .missed
            return
        }
        // Not after the pause that a program deserves which dies again and again by itself.
        await studio.supervisor.take(down: name)
        try await bring(up: name)
    }

    /// The process that bears this name now, as the hubs know it.
    private func workers(named name: String) async -> [WorkerID] {
        guard name == ChaosPrograms.composer || ChaosPrograms.workers.contains(name) else { return [] }
        let rows = try? await studio.database.query(
            "SELECT id FROM workers WHERE name = \(name) ORDER BY registered_at DESC LIMIT 1")
        return (rows ?? []).compactMap { row in (try? row.decode("id", as: UUID.self)).map { WorkerID($0) } }
    }

    /// One of the workers that have a task just now, if any gets one within a moment: the death of an idle one shows
    /// little.
    func victim(of injection: Injection) async -> String {
        let workers = ChaosPrograms.workers
        guard !studio.configuration.isHail else { return injection.pick(workers) }
        let deadline = ContinuousClock.now + Self.busyLimit
        while ContinuousClock.now < deadline {
            let rows = try? await studio.database.query(
                """
                SELECT DISTINCT w.name FROM tasks t JOIN workers w ON w.id = t.lease_owner
                WHERE t.state = 'running' AND w.name = ANY(\(workers)::text[]) ORDER BY w.name
                """)
            let busy = (rows ?? []).compactMap { try? $0.decode("name", as: String.self) }
            if !busy.isEmpty { return injection.pick(busy) }
            guard (try? await Task.sleep(for: Self.pollInterval)) != nil else { break }
        }
        return injection.pick(workers)
    }

    /// Waits until the supervisor has brought the program back.
    private func waitUntilReady(_ name: String) async throws {
        guard let port = studio.programs.healthPorts[name] else { return }
        let deadline = ContinuousClock.now + Self.readyLimit
        // The dead process may still be seen for a moment.
        try await Task.sleep(for: Self.pollInterval)
        while await !ProgramPage.isReady(port: port) {
            guard ContinuousClock.now < deadline else { throw ChaosError("\(name) does not become ready again") }
            try await Task.sleep(for: Self.pollInterval)
        }
    }

    func crash(at point: CrashPoint, _ injection: inout Injection) async throws {
        injection.record.target = point.rawValue
        defer { studio.crashPoints.disarm(point) }
        try studio.crashPoints.arm(point)
        let deadline = ContinuousClock.now + .seconds(injection.fault.seconds)
        while studio.crashPoints.isArmed(point) {
            guard ContinuousClock.now < deadline else {
                injection.record.outcome = .missed
                return
            }
            try await Task.sleep(for: Self.pollInterval)
        }
        injection.record.begin = Date()
        for name in ChaosPrograms.names { try await waitUntilReady(name) }
    }

    func stop(_ name: String, _ injection: inout Injection) async throws {
        injection.record.target = name
        injection.record.workers = await workers(named: name)
        injection.record.begin = Date()
        guard await studio.supervisor.kill(name, signal: Signals.stop) else {
            injection.record.outcome = .missed
            return
        }
        let result: Result<Void, any Error>
        do { result = .success(try await injection.last()) } catch { result = .failure(error) }
        await studio.supervisor.kill(name, signal: Signals.goOn)
        try result.get()
        try await waitUntilReady(name)
    }

    /// Stops programs by SIGTERM and starts them again, one after the other.
    func restart(_ names: [String], _ injection: inout Injection) async throws {
        injection.record.target = names.count == 1 ? names[0] : "\(names.count) programs"
        for name in names {
            await studio.supervisor.take(down: name)
            try await bring(up: name)
        }
    }

    private func bring(up name: String) async throws {
        let deadline = ContinuousClock.now + Self.readyLimit
        while true {
            do { return try await studio.supervisor.bring(up: name) } catch let error as StackError {
                guard ContinuousClock.now < deadline else { throw error }
                try await Task.sleep(for: Self.pollInterval)
            }
        }
    }

    func fillDisk(_ injection: inout Injection) async throws {
        guard let volume = studio.volume else {
            injection.record.outcome = .skipped
            injection.record.target = "this user may mount no small disk"
            return
        }
        injection.record.target = ChaosPrograms.smallDisk
        defer { volume.clear() }
        try volume.fill()
        try await injection.last()
    }

    func setClock(_ injection: inout Injection) async throws {
        guard let clock = studio.programs.clock else {
            injection.record.outcome = .skipped
            injection.record.target = "libfaketime is not installed"
            return
        }
        let seconds = injection.fault.choice & 1 == 0 ? WrongClock.jump : -WrongClock.jump
        injection.record.target = "\(ChaosPrograms.wrongClock) by \(seconds) s"
        defer { try? clock.set(0) }
        try clock.set(seconds)
        try await injection.last()
    }

    /// Submits a task and kills every worker that has it, until it is set aside.
    func submitPoison(_ injection: inout Injection) async throws {
        let begin = ContinuousClock.now
        let limit = Duration.seconds(Double(studio.configuration.deathsMax) * 25 + 30)
        let order = RunOrder.poison
        let life = RunLife(
            client: studio.client, history: history, order: order,
            key: "\(Workload.keyPrefix)poison-\(injection.fault.number)")
        guard let run = await life.submit(copies: 1) else {
            injection.record.outcome = .missed
            return
        }
        var deaths = 0
        while ContinuousClock.now - begin < limit {
            let rows =
                (try? await studio.database.query(
                    """
                    SELECT t.state, w.name, t.attempt FROM tasks t LEFT JOIN workers w ON w.id = t.lease_owner
                    WHERE t.run_id = \(run.uuid)
                    """)) ?? []
            if let row = rows.first {
                let state = TaskState(rawValue: try row.decode("state"))
                if state?.isTerminal == true { break }
                if state == .running, let name = try row.decode("name", as: String?.self) {
                    injection.record.workers += await workers(named: name)
                    if await studio.supervisor.kill(name) { deaths += 1 }
                    // It holds the lease of a dead worker until that expires.
                    let attempt: Int = try row.decode("attempt")
                    try await waitForLeaseEnd(run, attempt)
                }
            }
            try await Task.sleep(for: Self.pollInterval)
        }
        injection.record.target = "\(run), \(deaths) workers dead"
    }

    private func waitForLeaseEnd(_ run: RunID, _ attempt: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(studio.configuration.lease + 15)
        while ContinuousClock.now < deadline {
            let rows = try? await studio.database.query(
                "SELECT FROM tasks WHERE run_id = \(run.uuid) AND state = 'running' AND attempt = \(attempt)")
            if rows?.isEmpty == true { return }
            try await Task.sleep(for: Self.pollInterval)
        }
    }
}
