import Foundation
import ObjectStore
import Postgres
import StudioCore
import SystemPackage

extension ChaosRun {
    func judge(_ studio: ChaosStudio, _ history: History, _ times: Times) async throws -> ChaosReport {
        let timeline = try await ChaosTimeline.read(studio.database)
        let verdict = Oracle(history: history.entries, truth: try await truth(studio)).judge()
        var violations = verdict.violations
        if !times.records.isEmpty, timeline.successes.isEmpty { violations.append("no task succeeded at all") }
        violations += try await Invariants.violations(client: studio.database, objects: studio.objects)
        let lastMoment = max(times.end, timeline.successes.last?.at ?? times.end)
        let takeOvers = TakeOverTimes(records: times.records, timeline: timeline)
        for seconds in takeOvers.undisturbed where seconds > ChaosConfiguration.takeOverLimit {
            violations.append("a dead worker's task was taken over after \(Spread.rounded(seconds)) s only")
        }
        let evidence = try await self.evidence(studio, history, times.sampler, timeline, verdict)
        if configuration.isLong { violations += evidence.absent.map { "proves nothing: never seen were \($0)" } }
        return ChaosReport(
            seed: configuration.seed, seconds: configuration.seconds,
            command: configuration.command,
            runs: verdict.accepted, heldBack: times.heldBack, tasks: try await tasks(studio),
            faults: Self.lines(times.records, timeline), lost: verdict.lost, duplicated: verdict.duplicated,
            violations: violations,
            evidence: evidence,
            takeOver: Spread(takeOvers.all), takeOverUndisturbed: Spread(takeOvers.undisturbed),
            longestOutage: Spread.rounded(timeline.longestOutage(from: times.begin, to: lastMoment)),
            throughput: ChaosReport.Throughput(
                before: Spread.rounded(timeline.throughput(from: times.begin, to: times.faults)),
                during: Spread.rounded(timeline.throughput(from: times.faults, to: times.healed)),
                after: Spread.rounded(timeline.throughput(from: times.healed, to: times.end))),
            quietAfter: times.quietAfter, garbage: try await garbage(studio), growth: times.sampler.growth,
            history: configuration.directory.appending("history.jsonl").string)
    }

    private static func lines(_ records: [FaultRecord], _ timeline: ChaosTimeline) -> [ChaosReport.FaultLine] {
        FaultKind.allCases.compactMap { kind in
            let all = records.filter { $0.kind == kind }
            guard !all.isEmpty else { return nil }
            let injected = all.filter { $0.outcome == .injected }
            return ChaosReport.FaultLine(
                kind: kind, injected: injected.count, notInjected: all.count - injected.count,
                recovery: Spread(injected.compactMap { timeline.recovery(after: $0) }))
        }
    }

    private func truth(_ studio: ChaosStudio) async throws -> [RunTruth] {
        try await studio.database.query(
            """
            SELECT r.id, r.state, r.tasks_total, k.key FROM runs r
            LEFT JOIN idempotency_keys k ON k.run_id = r.id AND k.key LIKE \(Workload.keyPrefix + "%")
            """
        ).compactMap { row in
            guard let state = RunState(rawValue: try row.decode("state")) else { return nil }
            return RunTruth(
                id: RunID(try row.decode("id", as: UUID.self)), state: state, tasks: try row.decode("tasks_total"),
                key: try row.decode("key"))
        }
    }

    private func tasks(_ studio: ChaosStudio) async throws -> ChaosReport.Tasks {
        var tasks = ChaosReport.Tasks()
        let rows = try await studio.database.query(
            """
            SELECT state, CASE WHEN state = 'failed' THEN reason->>'code' END AS code, count(*)::int AS n FROM tasks
            GROUP BY 1, 2
            """)
        for row in rows {
            let count: Int = try row.decode("n")
            tasks.total += count
            switch TaskState(rawValue: try row.decode("state")) {
            case .succeeded: tasks.succeeded += count
            case .failed:
                tasks.failed += count
                tasks.failures[try row.decode("code", as: String?.self) ?? "?", default: 0] += count
            case .canceled: tasks.canceled += count
            case .skipped: tasks.skipped += count
            default: break
            }
        }
        return tasks
    }

    private func evidence(
        _ studio: ChaosStudio, _ history: History, _ sampler: ProcessSampler, _ timeline: ChaosTimeline,
        _ verdict: Oracle.Verdict
    ) async throws -> ChaosReport.Evidence {
        let canceling: Int = try await studio.database.query(
            "SELECT count(*)::int AS n FROM run_events WHERE task_id IS NOT NULL AND state = 'canceling'"
        )[0].decode("n")
        return ChaosReport.Evidence(
            staleReportsRejected: sampler.total(.staleRejected), forgedReportsRefused: sampler.total(.refused),
            takeOvers: timeline.takeOvers.count,
            repeatedHints: sampler.total(.heldHints) + sampler.total(.staleHints),
            lostHintsSentAgain: sampler.total(.hintsLost),
            preconditionsFailed: studio.proxy.counts.values.reduce(0) { $0 + $1.preconditionFailed },
            cancelRaces: canceling + verdict.cancelsTooLate,
            unansweredSubmissions: history.entries.count { $0.operation == .create && $0.outcome == .unknown })
    }

    /// Objects in the store that no row shows.
    private func garbage(_ studio: ChaosStudio) async throws -> Int {
        let rows = try await studio.database.query("SELECT object_key FROM artifacts")
        let shown = Set(try rows.map { try $0.decode("object_key", as: String.self) })
        var count = 0
        for try await object in studio.objects.list(prefix: "runs/") where !shown.contains(object.key) { count += 1 }
        return count
    }
}
