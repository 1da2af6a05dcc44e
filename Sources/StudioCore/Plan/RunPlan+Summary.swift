extension RunPlan {
    /// What a plan amounts to, for dry runs.
    package struct Summary: Codable, Sendable, Hashable {
        package let title: String
        package let shots: Int
        package let tasks: Int
        /// How many tasks there are of each ``TaskKind``, by its raw value; kinds without any are left out.
        package let tasksByKind: [String: Int]
        package let filmFrames: Int
        /// Length of the film, rounded to what a double holds.
        package let filmSeconds: Double
    }

    /// What the plan amounts to.
    package var summary: Summary {
        Summary(
            title: title, shots: shots.count, tasks: tasks.count,
            tasksByKind: Dictionary(tasks.map { ($0.spec.kind.rawValue, 1) }, uniquingKeysWith: +),
            filmFrames: frames, filmSeconds: profile.frameRate.seconds(frames: frames))
    }
}
