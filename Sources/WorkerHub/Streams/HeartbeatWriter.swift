import StudioCore
import StudioStore

/// A worker's heartbeat as the hub writes it: that it lives, and what it works on.
struct Heartbeat: Sendable {
    let sighting: WorkerSighting
    let pulses: [Pulse]
}

/// Writes many workers' heartbeats in two statements.
struct HeartbeatWriter: Sendable {
    let tasks: TaskStore
    let workers: WorkerStore
    let lease: Duration

    /// Answers what became of each heartbeat's leases.
    @Sendable func write(_ heartbeats: [Heartbeat]) async throws -> [[LeaseOutcome]] {
        // The newest word of a worker counts, should it have sent two.
        let sightings = Dictionary(heartbeats.map { ($0.sighting.id, $0.sighting) }) { $1 }
        try await workers.see(Array(sightings.values))
        var outcomes = try await tasks.renew(heartbeats.flatMap(\.pulses), lease: lease)[...]
        return heartbeats.map { heartbeat in
            defer { outcomes = outcomes.dropFirst(heartbeat.pulses.count) }
            return Array(outcomes.prefix(heartbeat.pulses.count))
        }
    }
}
