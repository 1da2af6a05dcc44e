import FoundationEssentials
package import StudioCore
import SystemPackage

/// Expands prompts the way a language model is asked to, with camera, light and mood; the same seed gives the same
/// text.
package struct MockPromptsExecutor: TaskExecutor {
    private static let cameras = [
        "wide establishing shot, 24 mm", "slow dolly-in, 35 mm", "low angle, 28 mm", "close-up, 85 mm, shallow focus",
        "handheld medium shot, 50 mm", "crane shot rising slowly", "locked-off frame, 40 mm", "lateral tracking shot",
    ]
    private static let lights = [
        "soft side light", "warm practical light against cool shadows", "low sun and long shadows",
        "diffuse light after rain", "rim light from behind", "hazy air with visible beams",
    ]
    private static let moods = [
        "quiet and expectant", "tender", "uneasy", "hopeful", "solemn", "playful", "dreamlike", "unhurried",
    ]

    package init() {}

    package func progress(on spec: TaskSpec) -> ProgressPromise { .steady }

    package func execute(_ assignment: Assignment, report: ProgressReporter) async throws -> [ProducedFile] {
        guard case .prompts(let spec) = assignment.spec else { throw MockTool.wrongKind(assignment.spec) }
        report(phase: "sampling", done: 0, total: spec.shots.count, unit: "shots")
        var prompts: [String: String] = [:]
        for shot in spec.shots {
            try Task.checkCancellation()
            prompts[shot.shot] = Self.expand(shot, spec)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let path = assignment.directory.appending("prompts.json")
        try encoder.encode(prompts).write(to: URL(filePath: path.string))
        report(phase: "sampling", done: spec.shots.count, total: spec.shots.count, unit: "shots")
        return [
            ProducedFile(name: "prompts.json", path: path, contentType: "application/json", media: MediaFacts())
        ]
    }

    private static func expand(_ shot: PromptsSpec.Shot, _ spec: PromptsSpec) -> String {
        var dice = MockDice("\(spec.seed)/\(shot.shot)/prompt")
        let prompt = shot.prompt.hasSuffix(".") ? String(shot.prompt.dropLast()) : shot.prompt
        var parts = [prompt, dice.pick(cameras, else: ""), dice.pick(lights, else: ""), dice.pick(moods, else: "")]
        parts += shot.entities.map { $0.description.isEmpty ? $0.name : "\($0.name): \($0.description)" }
        if !spec.style.isEmpty { parts.append(spec.style) }
        return parts.joined(separator: "; ") + "."
    }
}
