import Composition
import StudioCore
import WorkerRuntime

/// Does `compose` tasks.
struct ComposeExecutor: TaskExecutor {
    private let composer: FilmComposer

    /// - Throws: `TaskFailure` when ffmpeg is not there.
    init(ffmpeg: String) throws {
        composer = FilmComposer(try ComposerConfiguration(ffmpeg: ffmpeg))
    }

    /// ffmpeg tells twice a second how far it is.
    func progress(on spec: TaskSpec) -> ProgressPromise { .steady }

    func execute(_ assignment: Assignment, report: ProgressReporter) async throws -> [ProducedFile] {
        guard case .compose(let spec) = assignment.spec else {
            throw TaskFailure(
                .userError, code: "wrong_kind", detail: "the composer cannot do a task of kind \(assignment.spec.kind)")
        }
        let made: ComposedFilm
        do {
            made = try await composer.compose(
                title: spec.title, timeline: spec.timeline, inputs: assignment.inputs, into: assignment.directory
            ) { phase, done, total, unit in
                report(phase: phase, done: done, total: total, unit: unit)
            }
        } catch let failure as TaskFailure where failure.code == FilmComposer.missingToolCode {
            // No film can be made here, whatever the task: what the circuit is for.
            throw FailureSymptom(.command, condition: .unreachable, text: failure.detail)
        }
        let profile = spec.timeline.profile
        let facts = MediaFacts(
            frames: spec.timeline.frames, samples: spec.timeline.samples, width: profile.width, height: profile.height)
        let poster = MediaFacts(width: profile.width, height: profile.height)
        let media = ["film.mp4": facts, "poster.jpg": poster]
        let paths = ["film.mp4": made.film, "poster.jpg": made.poster, "report.json": made.reportFile]
        return assignment.spec.outputs.compactMap { output in
            paths[output.name].map { path in
                ProducedFile(
                    name: output.name, path: path, contentType: output.contentType,
                    media: media[output.name] ?? MediaFacts())
            }
        }
    }
}
