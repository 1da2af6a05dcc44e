import StudioCore
import StudioStore

/// A worker's heartbeat as the hub writes it: that it lives, and what it works on.
struct Heartbeat: Sendable {
    let sighting: WorkerSighting
    let pulses: [Pulse]
}

/// What a worker is told after its heartbeat.
struct HeartbeatAnswer: Sendable {
    /// What became of its leases, in the order of its pulses.
    let leases: [LeaseOutcome]
    let standing: WorkerStanding
}

/// Writes many workers' heartbeats in two statements.
struct HeartbeatWriter: Sendable {
    let tasks: TaskStore
    let workers: WorkerStore
    let lease: Duration

    @Sendable func write(_ heartbeats: [Heartbeat]) async throws -> [HeartbeatAnswer] {
        // The newest word of a worker counts, should it have sent two.
        let sightings = Dictionary(heartbeats.map { ($0.sighting.id, $0.sighting) }) { $1 }
        let standings = try await workers.see(Array(sightings.values))
        var outcomes = try await tasks.renew(heartbeats.flatMap(\.pulses), lease: lease)[...]
        return heartbeats.map { heartbeat in
            defer { outcomes = outcomes.dropFirst(heartbeat.pulses.count) }
            return HeartbeatAnswer(
                leases: Array(outcomes.prefix(heartbeat.pulses.count)),
                standing: standings[heartbeat.sighting.id] ?? .work)
        }
    }
}
