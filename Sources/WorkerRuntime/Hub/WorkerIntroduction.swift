package import StudioCore

/// What a worker says of itself when it greets the hub.
package struct WorkerIntroduction: Sendable, Hashable {
    /// Stable over restarts, for people.
    package let name: String
    package let kinds: [TaskKind]
    package let slots: Int
    package let version: String
    package let capabilities: WorkerCapabilities

    package init(
        name: String, kinds: [TaskKind], slots: Int, version: String, capabilities: WorkerCapabilities = .unknown
    ) {
        self.name = name
        self.kinds = kinds
        self.slots = slots
        self.version = version
        self.capabilities = capabilities
    }
}
