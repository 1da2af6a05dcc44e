package import FoundationEssentials

/// A worker as the API shows it.
package struct WorkerRecord: Codable, Sendable, Hashable, Identifiable {
    /// Whether it takes work.
    package enum State: String, Codable, Sendable, CaseIterable {
        case active, draining
        /// Not heard of for longer than a lease.
        case lost
    }

    package let id: WorkerID
    package let name: String
    package let kinds: [TaskKind]
    package let state: State
    /// How many tasks it can do at a time.
    package let slots: Int
    /// How many leases it holds.
    package let busy: Int
    package let startedAt: Date
    package let lastSeenAt: Date

    package init(
        id: WorkerID, name: String, kinds: [TaskKind], state: State, slots: Int, busy: Int, startedAt: Date,
        lastSeenAt: Date
    ) {
        self.id = id
        self.name = name
        self.kinds = kinds
        self.state = state
        self.slots = slots
        self.busy = busy
        self.startedAt = startedAt
        self.lastSeenAt = lastSeenAt
    }

    private enum CodingKeys: String, CodingKey {
        case id, name, kinds, state, slots, busy
        case startedAt = "started_at"
        case lastSeenAt = "last_seen_at"
    }
}
