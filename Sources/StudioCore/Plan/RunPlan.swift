/// What a run spec becomes: shots, entities and a graph of tasks, in frames and samples.
package struct RunPlan: Codable, Sendable, Hashable {
    package let title: String
    package let profile: DeliveryProfile
    package let priority: TaskPriority
    /// Length of the film in frames; 0 for a run that makes none.
    package let frames: Int
    package let shots: [PlannedShot]
    package let entities: [PlannedEntity]
    /// In an order in which every task comes after those it depends on.
    package let tasks: [PlannedTask]

    package init(
        title: String, profile: DeliveryProfile, priority: TaskPriority, frames: Int, shots: [PlannedShot],
        entities: [PlannedEntity], tasks: [PlannedTask]
    ) {
        self.title = title
        self.profile = profile
        self.priority = priority
        self.frames = frames
        self.shots = shots
        self.entities = entities
        self.tasks = tasks
    }
}

/// A shot of the film.
package struct PlannedShot: Codable, Sendable, Hashable {
    package let name: String
    /// From 1.
    package let number: Int
    package let prompt: String
    package let frames: Int
    package let startFrame: Int

    package init(name: String, number: Int, prompt: String, frames: Int, startFrame: Int) {
        self.name = name
        self.number = number
        self.prompt = prompt
        self.frames = frames
        self.startFrame = startFrame
    }
}

/// A character or place that keeps shots consistent.
package struct PlannedEntity: Codable, Sendable, Hashable {
    package enum Kind: String, Codable, Sendable, CaseIterable {
        case character, place
    }

    package let kind: Kind
    package let name: String
    package let description: String
    package let voice: String?
    package let embedding: [Float]

    package init(kind: Kind, name: String, description: String, voice: String?, embedding: [Float]) {
        self.kind = kind
        self.name = name
        self.description = description
        self.voice = voice
        self.embedding = embedding
    }
}

/// A task of the graph, named by a key that is unique in its run: `s01/video`, `compose`.
package struct PlannedTask: Codable, Sendable, Hashable {
    /// Another task whose first output this one receives.
    package struct Dependency: Codable, Sendable, Hashable {
        package let on: String
        /// The name under which this task receives the output.
        package let input: String

        package init(on: String, input: String) {
            self.on = on
            self.input = input
        }
    }

    package let key: String
    /// The shot it belongs to, if any.
    package let shot: String?
    package let spec: TaskSpec
    package let dependencies: [Dependency]
    package let attemptsMax: Int
    package let requirements: TaskRequirements

    package init(
        key: String, shot: String?, spec: TaskSpec, dependencies: [Dependency], attemptsMax: Int,
        requirements: TaskRequirements = .none
    ) {
        self.key = key
        self.shot = shot
        self.spec = spec
        self.dependencies = dependencies
        self.attemptsMax = attemptsMax
        self.requirements = requirements
    }
}
