/// What a run would be, for a dry run.
package struct PlanRecord: Codable, Sendable, Hashable {
    package let title: String
    package let shots: Int
    package let tasks: Int
    /// Number of tasks by the raw value of their ``TaskKind``; kinds without any are left out.
    package let tasksByKind: [String: Int]
    /// Length of the film in frames; 0 for a run that makes none.
    package let frames: Int
    package let fps: FrameRate
    package let width: Int
    package let height: Int

    package init(_ plan: RunPlan) {
        title = plan.title
        shots = plan.shots.count
        tasks = plan.tasks.count
        tasksByKind = Dictionary(plan.tasks.map { ($0.spec.kind.rawValue, 1) }, uniquingKeysWith: +)
        frames = plan.frames
        fps = plan.profile.frameRate
        width = plan.profile.width
        height = plan.profile.height
    }

    private enum CodingKeys: String, CodingKey {
        case title, shots, tasks, frames, fps, width, height
        case tasksByKind = "tasks_by_kind"
    }
}
