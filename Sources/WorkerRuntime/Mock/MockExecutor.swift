package import StudioCore
import SystemPackage

/// Makes real media without any model, so that everything around the models can run on a laptop.
package struct MockExecutor: TaskExecutor {
    private static let progressSteps = 20

    private let settings: MockSettings
    private let tool: MockTool
    private let model = MockModel()

    /// - Throws: `SettingError` when there is no ffmpeg.
    package init(_ settings: MockSettings) throws {
        self.settings = settings
        tool = try MockTool(settings.ffmpeg)
    }

    package func execute(_ assignment: Assignment, report: ProgressReporter) async throws -> [ProducedFile] {
        let faults = settings.faults
        let clock = ContinuousClock()
        let start = clock.now
        try await Task.sleep(for: faults.delay(of: assignment.task, attempt: assignment.attempt))
        let fate = faults.fate(of: assignment.task, attempt: assignment.attempt)
        switch fate {
        case .fail: throw TaskFailure(.temporary, code: "mock_fault", detail: "this attempt was chosen to fail")
        case .oom: throw TaskFailure(.resource, code: "out_of_memory", detail: "this attempt was chosen to need more")
        case .endpointDown:
            throw FailureSymptom(.mock, condition: .unreachable, text: "this attempt was chosen to find nobody")
        case .hang:
            // Longer than any lease: only a cancellation ends it.
            while true { try await Task.sleep(for: .seconds(3_600)) }
        case .crash: MockCrash.now()
        case .succeed, .corrupt, .empty: break
        }
        try await model.load(for: assignment.spec, taking: settings.load, report)
        let files = try await executor(for: assignment.spec).execute(assignment, report: report)
        try await wait(until: start + settings.duration(of: assignment.spec), clock, report)
        if fate == .corrupt, let first = files.first { try MockDamage.damage(first.path) }
        if fate == .empty { for file in files { try MockDamage.empty(file.path) } }
        return files
    }

    /// As far as the one that does the task reports it; for one that nobody does it does not matter.
    package func progress(on spec: TaskSpec) -> ProgressPromise {
        (try? executor(for: spec))?.progress(on: spec) ?? .none
    }

    private func executor(for spec: TaskSpec) throws -> any TaskExecutor {
        switch spec {
        case .video: MockVideoExecutor(tool)
        case .speech: MockSpeechExecutor(tool)
        case .music: MockMusicExecutor(tool)
        case .effect: MockEffectExecutor(tool)
        case .lipsync: MockLipsyncExecutor(tool)
        case .prompts: MockPromptsExecutor()
        case .noop: NoopExecutor()
        case .compose:
            throw TaskFailure(.userError, code: "wrong_kind", detail: "films are joined by the composer, not by a mock")
        }
    }

    private func wait(
        until end: ContinuousClock.Instant, _ clock: ContinuousClock, _ report: ProgressReporter
    ) async throws {
        let step = (end - clock.now) / Self.progressSteps
        guard step > .zero else { return }
        for done in 1...Self.progressSteps {
            try await Task.sleep(for: step)
            report(phase: "sampling", done: done, total: Self.progressSteps, unit: "steps")
        }
    }
}
