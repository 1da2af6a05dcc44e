import FoundationEssentials
package import StudioCore
import SystemPackage

/// Plays slow chords on something like strings, with a few plucked notes above.
package struct MockMusicExecutor: TaskExecutor {
    private static let samplesMax = 48_000 * 3_600 * 12

    private let tool: MockTool

    package init(_ tool: MockTool) {
        self.tool = tool
    }

    package func progress(on spec: TaskSpec) -> ProgressPromise { .steady }

    package func execute(_ assignment: Assignment, report: ProgressReporter) async throws -> [ProducedFile] {
        guard case .music(let spec) = assignment.spec else { throw MockTool.wrongKind(assignment.spec) }
        guard 1...Self.samplesMax ~= spec.samples, 8_000...192_000 ~= spec.sampleRate else {
            throw TaskFailure(.userError, code: "bad_spec", detail: "\(spec.samples) samples of music cannot be made")
        }
        report(phase: "sampling", done: 0, total: spec.samples, unit: "samples")
        let directory = assignment.directory
        let score = MockScore(prompt: spec.prompt, seed: spec.seed).graph(samples: spec.samples, rate: spec.sampleRate)
        try Data(score.utf8).write(to: URL(filePath: directory.appending("music.graph").string))
        let made = try await tool(
            ["-filter_complex_script", "music.graph", "-map", "[music]"]
                + MockDelivery.soundArguments(codec: "flac", channels: 2, rate: spec.sampleRate)
                + ["-sample_fmt", "s16", "-f", "flac", "music.flac"],
            in: directory
        ) {
            let done = $0.microseconds / 1_000 * spec.sampleRate / 1_000
            report(phase: "sampling", done: min(done, spec.samples), total: spec.samples, unit: "samples")
        }
        _ = try MockDelivery.samples(made, rate: spec.sampleRate, expected: spec.samples)
        return [
            ProducedFile(
                name: "music.flac", path: directory.appending("music.flac"), contentType: "audio/flac",
                media: MediaFacts(samples: spec.samples))
        ]
    }
}
