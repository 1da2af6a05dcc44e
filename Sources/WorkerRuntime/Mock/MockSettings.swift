package import ProgramSettings
package import StudioCore

/// How the mock executors behave.
package struct MockSettings: Sendable {
    private static let speedMax = 10_000.0
    private static let loadSecondsMax = 3_600.0

    /// How many times faster than a plausible GPU a task is made to take; 0 waits for nothing.
    package var speed = 0.0
    /// How long it takes to load a model, other than the one that was used last.
    package var load = Duration.zero
    package var faults = MockFaults.none
    /// A path, or a name that is looked for in the environment's search path.
    package var ffmpeg = "ffmpeg"
    private var faultsText = ""

    package init() {}

    /// Reads `MOCK_SPEED` (0...10000), `MOCK_LOAD_SECONDS` (0...3600), `MOCK_FAULTS` and `FFMPEG`.
    ///
    /// - Throws: `SettingError` that names the variable.
    package init(_ settings: Settings) throws {
        speed = try Self.number(settings, "MOCK_SPEED", max: Self.speedMax)
        load = .seconds(try Self.number(settings, "MOCK_LOAD_SECONDS", max: Self.loadSecondsMax))
        faultsText = settings.text("MOCK_FAULTS") ?? ""
        faults = try MockFaults(faultsText)
        ffmpeg = settings.text("FFMPEG") ?? ffmpeg
    }

    /// What was resolved, by variable.
    package var summary: [(variable: String, value: String)] {
        [
            ("MOCK_SPEED", "\(speed)"), ("MOCK_LOAD_SECONDS", "\(load.secondsValue)"), ("MOCK_FAULTS", faultsText),
            ("FFMPEG", ffmpeg),
        ]
    }

    /// A number from 0, which it is when unset, to `max`.
    private static func number(_ settings: Settings, _ variable: String, max: Double) throws -> Double {
        guard let text = settings.text(variable) else { return 0 }
        guard let number = Double(text), (0...max).contains(number) else {
            throw SettingError(variable, "is \"\(text)\", but must be a number from 0 to \(Int(max))")
        }
        return number
    }

    /// The time that a task takes at least.
    package func duration(of spec: TaskSpec) -> Duration {
        guard speed > 0 else { return .zero }
        return .seconds(Self.plausibleSeconds(spec) / speed)
    }

    /// About what one GPU would need.
    private static func plausibleSeconds(_ spec: TaskSpec) -> Double {
        func film(_ frames: Int, _ profile: DeliveryProfile) -> Double {
            Double(frames) * Double(profile.frameRate.denominator) / Double(max(1, profile.frameRate.numerator))
        }
        return switch spec {
        case .video(let spec): 5 + 8 * film(spec.frames, spec.profile)
        case .lipsync(let spec): 3 + 4 * film(spec.frames, spec.profile)
        case .speech(let spec): 1 + 0.03 * Double(spec.line.count)
        case .music(let spec): 2 + 0.5 * Double(spec.samples) / Double(max(1, spec.sampleRate))
        case .effect: 2
        case .prompts(let spec): 2 + 0.5 * Double(spec.shots.count)
        case .compose, .noop: 0
        }
    }
}
