package import FoundationEssentials
import NIOHTTP1
package import StudioCore

/// What a run's submission gave.
package struct Submission: Sendable {
    package let run: RunRecord
    /// Whether an earlier request with the same key made it.
    package let isReplay: Bool
}

extension StudioClient {
    /// Submits a run; safe to call again with the same key after an error.
    ///
    /// - Parameters:
    ///   - specification: JSON.
    ///   - idempotencyKey: fresh for each new run; tries of this call share it.
    package func createRun(
        _ specification: Data, idempotencyKey: String = UUID.version7().uuidString.lowercased()
    ) async throws -> Submission {
        var call = Call(.POST, "/v1/runs")
        call.body = specification
        let key = idempotencyKey.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        call.headers = [("content-type", "application/json"), ("idempotency-key", "\"\(key)\"")]
        let answer = try await transport.answer(to: call)
        return Submission(run: try answer.decode(), isReplay: answer.headers.contains(name: "idempotency-replayed"))
    }

    /// What a run would be; nothing is written.
    package func plan(_ specification: Data) async throws -> PlanRecord {
        var call = Call(.POST, "/v1/runs")
        call.query = [("dry_run", "true")]
        call.body = specification
        call.headers = [("content-type", "application/json")]
        return try await transport.answer(to: call).decode()
    }

    /// A run.
    ///
    /// - Parameter waitSeconds: the server answers when the run has ended, at the latest after this; 0 ... 30.
    package func run(_ id: RunID, waitSeconds: Int = 0) async throws -> RunRecord {
        var call = Call(.GET, "/v1/runs/\(id)")
        if waitSeconds > 0 {
            call.headers = [("prefer", "wait=\(waitSeconds)")]
            call.patience = .seconds(waitSeconds)
        }
        return try await transport.answer(to: call).decode()
    }

    /// Runs, newest first.
    package func runs(
        _ filter: RunFilter = RunFilter(), limit: Int? = nil, cursor: String? = nil
    ) async throws -> RecordList<RunRecord> {
        var call = Call(.GET, "/v1/runs")
        call.query = filter.states.sorted { $0.rawValue < $1.rawValue }.map { ("status", $0.rawValue) }
        call.query += filter.labels.map { ("label", $0) }
        if let time = filter.createdAfter { call.query.append(("created_after", RecordJSON.text(time))) }
        call.add(limit: limit, cursor: cursor)
        return try await transport.answer(to: call).decode()
    }

    /// Asks something of a run, and answers it as it is afterwards; safe to call again.
    package func control(_ action: RunAction, run: RunID) async throws -> RunRecord {
        var call: Call
        switch action {
        case .cancel: call = Call(.POST, "/v1/runs/\(run)/cancel")
        case .pause: call = Call(.POST, "/v1/runs/\(run)/pause")
        case .resume: call = Call(.POST, "/v1/runs/\(run)/resume")
        case .retry(let scope):
            call = Call(.POST, "/v1/runs/\(run)/retry")
            call.query = [("scope", scope.rawValue)]
        }
        call.headers = [("idempotency-key", "\"\(UUID.version7().uuidString.lowercased())\"")]
        return try await transport.answer(to: call).decode()
    }

    /// What a run's attempts have cost.
    package func spent(by run: RunID) async throws -> SpentRecord {
        try await transport.answer(to: Call(.GET, "/v1/runs/\(run)/spent")).decode()
    }

    /// A run's shots in the order of the film.
    package func shots(of run: RunID) async throws -> [ShotRecord] {
        let list: RecordList<ShotRecord> = try await transport.answer(to: Call(.GET, "/v1/runs/\(run)/shots")).decode()
        return list.data
    }

    /// A run's artifacts.
    package func artifacts(of run: RunID) async throws -> [ArtifactRecord] {
        let call = Call(.GET, "/v1/runs/\(run)/artifacts")
        let list: RecordList<ArtifactRecord> = try await transport.answer(to: call).decode()
        return list.data
    }

    /// A page of the log of a run.
    package func events(
        of run: RunID, limit: Int? = nil, cursor: String? = nil
    ) async throws -> RecordList<RunEventRecord> {
        var call = Call(.GET, "/v1/runs/\(run)/events")
        call.add(limit: limit, cursor: cursor)
        return try await transport.answer(to: call).decode()
    }
}
