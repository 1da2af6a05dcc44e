/// Turns a checked spec into shots, entities and a graph of tasks; the same spec always gives the same plan.
///
/// Sounds keep to the film's clock, not to their shot's: speech may run past its shot into the next one, because
/// only speaking it tells how long it takes, and is cut where the film ends. Effects and music are made exactly as
/// long as they are heard.
package struct Planner: Sendable {
    private let embedder: LocalEmbedder

    package init() {
        embedder = LocalEmbedder()
    }

    package func plan(_ spec: RunSpec) -> RunPlan {
        switch spec.work {
        case .film(let film): plan(film, spec.policy)
        case .load(let load): plan(load, spec)
        }
    }

    private func plan(_ film: RunSpec.Film, _ policy: RunSpec.Policy) -> RunPlan {
        var graph = FilmGraph(film: film, policy: policy)
        graph.build()
        return RunPlan(
            title: film.title, profile: graph.profile, priority: policy.priority, frames: film.frames,
            shots: graph.shots, entities: film.entities.map(entity), tasks: graph.tasks)
    }

    private func entity(_ entity: RunSpec.Entity) -> PlannedEntity {
        PlannedEntity(
            kind: entity.kind, name: entity.name, description: entity.description, voice: entity.voice,
            embedding: embedder.embed("\(entity.name) \(entity.description)"))
    }

    /// The profile is of no use to a run without a film, but every run has one.
    private func plan(_ load: RunSpec.Load, _ spec: RunSpec) -> RunPlan {
        let noop = TaskSpec.noop(NoopSpec(sleepMilliseconds: load.sleepMilliseconds))
        return RunPlan(
            title: spec.title, profile: DeliveryProfile(width: 1_280, height: 720, frameRate: FrameRate(24)),
            priority: spec.policy.priority, frames: 0, shots: [], entities: [],
            tasks: (0..<load.tasks).map { index in
                PlannedTask(
                    key: "noop.\(index)", shot: nil, spec: noop, dependencies: [],
                    attemptsMax: spec.policy.attemptsMax, requirements: spec.policy.requires.narrowed(to: noop))
            })
    }
}
