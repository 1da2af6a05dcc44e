import FoundationEssentials
package import StudioCore
import SystemPackage

/// Makes a shot's picture: a landscape that passes by, with the shot's words in it.
///
/// Everything that does not move is painted once; ffmpeg only shifts and stacks it, about ten times faster than the
/// film runs, on one core. The same spec gives the same bytes.
package struct MockVideoExecutor: TaskExecutor {
    private static let framesMax = 1_000_000
    private static let dimensionRange = 32...8_192

    private let tool: MockTool

    package init(_ tool: MockTool) {
        self.tool = tool
    }

    package func progress(on spec: TaskSpec) -> ProgressPromise { .steady }

    package func execute(_ assignment: Assignment, report: ProgressReporter) async throws -> [ProducedFile] {
        guard case .video(let spec) = assignment.spec else { throw MockTool.wrongKind(assignment.spec) }
        let profile = spec.profile
        guard 1...Self.framesMax ~= spec.frames, Self.dimensionRange ~= profile.width,
            Self.dimensionRange ~= profile.height, profile.frameRate.numerator > 0, profile.frameRate.denominator > 0
        else {
            throw TaskFailure(
                .userError, code: "bad_spec",
                detail: "\(spec.frames) frames of \(profile.width)x\(profile.height) cannot be made")
        }
        report(phase: "sampling", done: 0, total: spec.frames, unit: "frames")
        let directory = assignment.directory
        let scene = MockScene(spec)
        let backdrop = MockBackdrop(scene: scene, spec: spec)
        try backdrop.paint(in: directory)
        let captions = MockCaptions(spec: spec, scene: scene, expansion: try Self.expansion(assignment, spec.shot))
        let graph = try MockPictureGraph(spec: spec, scene: scene, captions: captions).script(in: directory)
        try Data(graph.utf8).write(to: URL(filePath: directory.appending("video.graph").string))
        let made = try await tool(
            MockPictureGraph.inputs(profile) + ["-filter_complex_script", "video.graph", "-map", "[v]"]
                + MockDelivery.pictureArguments(profile, keyframes: spec.keyframes, frames: spec.frames) + [
                    "video.mp4"
                ],
            in: directory
        ) { report(phase: "sampling", done: min($0.frames, spec.frames), total: spec.frames, unit: "frames") }
        try MockDelivery.check(made, frames: spec.frames)
        return [MockDelivery.picture("video.mp4", in: directory, profile, frames: spec.frames)]
    }

    /// The expanded prompt of `shot`, when a language model made one.
    private static func expansion(_ assignment: Assignment, _ shot: String) throws -> String? {
        guard let path = assignment.inputs["prompts"] else { return nil }
        do {
            let data = try Data(contentsOf: URL(filePath: path.string))
            return try JSONDecoder().decode([String: String].self, from: data)[shot]
        } catch {
            throw TaskFailure(.userError, code: "bad_prompts", detail: "the expanded prompts cannot be read: \(error)")
        }
    }
}
