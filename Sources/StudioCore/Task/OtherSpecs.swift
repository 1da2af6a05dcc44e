/// Asks a language model to expand the prompt of every shot of a run; makes a JSON object of shot to prompt.
package struct PromptsSpec: Codable, Sendable, Hashable {
    /// A shot, as the model sees it.
    package struct Shot: Codable, Sendable, Hashable {
        package let shot: String
        package let prompt: String
        package let entities: [EntityCue]

        package init(shot: String, prompt: String, entities: [EntityCue]) {
            self.shot = shot
            self.prompt = prompt
            self.entities = entities
        }
    }

    package let title: String
    package let style: String
    package let seed: UInt64
    package let shots: [Shot]

    package init(title: String, style: String, seed: UInt64, shots: [Shot]) {
        self.title = title
        self.style = style
        self.seed = seed
        self.shots = shots
    }
}

/// Joins the film.
///
/// Inputs are named as the timeline names them.
package struct ComposeSpec: Codable, Sendable, Hashable {
    package let title: String
    package let timeline: Timeline

    package init(title: String, timeline: Timeline) {
        self.title = title
        self.timeline = timeline
    }
}

/// Waits, then succeeds with nothing made.
package struct NoopSpec: Codable, Sendable, Hashable {
    package let sleepMilliseconds: Int

    package init(sleepMilliseconds: Int) {
        self.sleepMilliseconds = sleepMilliseconds
    }
}
