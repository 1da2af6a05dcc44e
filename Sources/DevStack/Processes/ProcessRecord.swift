import Foundation

/// A process that was started here, as the state file remembers it.
struct ProcessRecord: Sendable, Codable, Equatable {
    var identity: ProcessIdentity
    var since: Date

    var isAlive: Bool { identity.isAlive }
}
