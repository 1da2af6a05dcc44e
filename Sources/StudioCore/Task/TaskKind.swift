/// What sort of work a task is; a worker serves one or more kinds.
package enum TaskKind: String, Codable, Sendable, CaseIterable {
    case video, audio, lipsync, llm, compose
    /// Does nothing, through the whole path: measures the control plane.
    case noop

    /// The longest that a worker may take for one attempt, in seconds, whatever its heartbeats say.
    package var attemptSecondsMax: Double {
        switch self {
        case .video, .lipsync, .compose: 60 * 60
        case .audio, .llm: 15 * 60
        case .noop: 5 * 60
        }
    }
}

/// Who waits for a task: a person at a screen, or nobody in particular.
package enum TaskPriority: String, Codable, Sendable, CaseIterable {
    case interactive, batch
}

/// A queue of the broker: one for each kind, class of machine and priority.
package struct Lane: Hashable, Sendable, Codable {
    package static let standardClass = "standard"

    package let kind: TaskKind
    package let machineClass: String
    package let priority: TaskPriority

    package init(kind: TaskKind, machineClass: String = Lane.standardClass, priority: TaskPriority) {
        self.kind = kind
        self.machineClass = machineClass
        self.priority = priority
    }

    /// The queue's name, which is also its routing key.
    package var queue: String { "tasks.\(kind.rawValue).\(machineClass).\(priority.rawValue)" }

    /// Every lane of the standard machine class.
    package static var all: [Lane] {
        TaskKind.allCases.flatMap { kind in TaskPriority.allCases.map { Lane(kind: kind, priority: $0) } }
    }
}
