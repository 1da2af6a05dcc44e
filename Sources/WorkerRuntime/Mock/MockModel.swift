import StudioCore
import Synchronization

/// The memory of an imaginary GPU, which has room for one model: another one has to be loaded first.
final class MockModel: Sendable {
    private let loaded = Mutex<String?>(nil)

    /// Spends the time to load what `spec` needs, and says so, unless it is what was needed last.
    func load(for spec: TaskSpec, taking duration: Duration, _ report: ProgressReporter) async throws {
        guard let name = Self.name(for: spec), duration > .zero, loaded.withLock({ $0 != name }) else { return }
        report(phase: Progress.loadingModel, done: 0, total: 1, unit: "models")
        try await Task.sleep(for: duration)
        loaded.withLock { $0 = name }
        report(phase: "sampling", done: 0, total: 0, unit: "")
    }

    /// `nil` when no model is needed.
    private static func name(for spec: TaskSpec) -> String? {
        switch spec {
        case .video(let spec): spec.model
        case .speech: "speech"
        case .music: "music"
        case .effect: "effect"
        case .lipsync: "lipsync"
        case .prompts: "prompts"
        case .compose, .noop: nil
        }
    }
}
