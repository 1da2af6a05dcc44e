package import FoundationEssentials

/// What an operator wants of a worker.
package enum DesiredWorkerState: String, Codable, Sendable, CaseIterable {
    case active
    /// Takes nothing new until it is active again.
    case paused
    /// Takes nothing new, and ends when nothing runs any more.
    case draining
}

/// A worker as the API shows it.
package struct WorkerRecord: Codable, Sendable, Hashable, Identifiable {
    /// Whether it takes work.
    package enum State: String, Codable, Sendable, CaseIterable {
        case active, draining
        /// An operator wants it to take nothing new for now.
        case paused
        /// It failed at several tasks in a row, and gets nothing new for a while.
        case quarantined
        /// Not heard of for ``TaskLease/silenceSecondsMax``.
        case lost
    }

    package let id: WorkerID
    package let name: String
    package let kinds: [TaskKind]
    package let state: State
    /// How many tasks it can do at a time.
    package let slots: Int
    /// How many attempts it ran by its last heartbeat; those that upload or report already need no slot, and are not
    /// counted.
    package let busy: Int
    package let startedAt: Date
    package let lastSeenAt: Date
    /// The models that it can load; any when there is none.
    package let models: [String]
    /// Memory of its GPU in MiB; 0 when that is not known.
    package let vramMiB: Int
    package let labels: [String: String]
    /// When it gets work again, while it is in quarantine, whatever state an operator wants.
    package let quarantinedUntil: Date?
    /// The code of the last failure that led there.
    package let quarantineCode: String?

    package init(
        id: WorkerID, name: String, kinds: [TaskKind], state: State, slots: Int, busy: Int, startedAt: Date,
        lastSeenAt: Date, capabilities: WorkerCapabilities = .unknown, quarantinedUntil: Date? = nil,
        quarantineCode: String? = nil
    ) {
        self.id = id
        self.name = name
        self.kinds = kinds
        self.state = state
        self.slots = slots
        self.busy = busy
        self.startedAt = startedAt
        self.lastSeenAt = lastSeenAt
        models = capabilities.models
        vramMiB = capabilities.vramMiB
        labels = capabilities.labels
        self.quarantinedUntil = quarantinedUntil
        self.quarantineCode = quarantineCode
    }

    private enum CodingKeys: String, CodingKey {
        case id, name, kinds, state, slots, busy, models, labels
        case vramMiB = "vram_mib"
        case startedAt = "started_at"
        case lastSeenAt = "last_seen_at"
        case quarantinedUntil = "quarantined_until"
        case quarantineCode = "quarantine_code"
    }
}
