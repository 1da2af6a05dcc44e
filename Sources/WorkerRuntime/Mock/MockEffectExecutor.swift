import FoundationEssentials
package import StudioCore
import SystemPackage

/// Makes a sound effect that fits the words that ask for it: gulls, bells, thunder, steps, or a rush of air.
package struct MockEffectExecutor: TaskExecutor {
    private static let samplesMax = 48_000 * 3_600

    private let tool: MockTool

    package init(_ tool: MockTool) {
        self.tool = tool
    }

    package func progress(on spec: TaskSpec) -> ProgressPromise { .steady }

    package func execute(_ assignment: Assignment, report: ProgressReporter) async throws -> [ProducedFile] {
        guard case .effect(let spec) = assignment.spec else { throw MockTool.wrongKind(assignment.spec) }
        guard 1...Self.samplesMax ~= spec.samples, 8_000...192_000 ~= spec.sampleRate else {
            throw TaskFailure(.userError, code: "bad_spec", detail: "\(spec.samples) samples of sound cannot be made")
        }
        report(phase: "sampling", done: 0, total: spec.samples, unit: "samples")
        let directory = assignment.directory
        let noise = MockNoise(prompt: spec.prompt, seed: spec.seed).graph(samples: spec.samples, rate: spec.sampleRate)
        try Data(noise.utf8).write(to: URL(filePath: directory.appending("effect.graph").string))
        let made = try await tool(
            ["-filter_complex_script", "effect.graph", "-map", "[noise]"]
                + MockDelivery.soundArguments(codec: "pcm_s16le", channels: 1, rate: spec.sampleRate)
                + ["-f", "wav", "effect.wav"],
            in: directory)
        _ = try MockDelivery.samples(made, rate: spec.sampleRate, expected: spec.samples)
        report(phase: "sampling", done: spec.samples, total: spec.samples, unit: "samples")
        return [
            ProducedFile(
                name: "effect.wav", path: directory.appending("effect.wav"), contentType: "audio/wav",
                media: MediaFacts(samples: spec.samples))
        ]
    }
}
