import FoundationEssentials
package import StudioCore
import SystemPackage

/// Puts a talking face over a shot: its mouth opens as loud as the lines are.
package struct MockLipsyncExecutor: TaskExecutor {
    private static let linesMax = 64

    private let tool: MockTool

    package init(_ tool: MockTool) {
        self.tool = tool
    }

    package func progress(on spec: TaskSpec) -> ProgressPromise { .steady }

    package func execute(_ assignment: Assignment, report: ProgressReporter) async throws -> [ProducedFile] {
        guard case .lipsync(let spec) = assignment.spec else { throw MockTool.wrongKind(assignment.spec) }
        guard let video = assignment.inputs["video"] else {
            throw TaskFailure(.userError, code: "input_missing", detail: "no input video")
        }
        guard spec.frames > 0, spec.lines.count <= Self.linesMax else {
            throw TaskFailure(
                .userError, code: "bad_spec",
                detail: "\(spec.frames) frames with \(spec.lines.count) lines cannot be made")
        }
        report(phase: "sampling", done: 0, total: spec.frames, unit: "frames")
        let directory = assignment.directory
        let levels = try await levels(of: spec, assignment)
        let face = MockFace(size: spec.profile.height * 2 / 5, seed: spec.seed)
        try face.paint(in: directory)
        let graph = Self.graph(spec, face)
        try Data(graph.utf8).write(to: URL(filePath: directory.appending("lipsync.graph").string))
        try Data(Self.commands(levels, spec, face).utf8).write(
            to: URL(filePath: directory.appending("mouth.commands").string))
        let rate = "\(spec.profile.frameRate.numerator)/\(spec.profile.frameRate.denominator)"
        let parts = ["head.pam", "mouths.pam", "lids.pam"].flatMap { ["-framerate", rate, "-f", "image2", "-i", $0] }
        let made = try await tool(
            ["-xerror", "-filter_complex_threads", "1", "-err_detect", "explode", "-f", "mov"]
                + ["-protocol_whitelist", "file,pipe", "-i", video.string] + parts
                + ["-filter_complex_script", "lipsync.graph", "-map", "[v]"]
                + MockDelivery.pictureArguments(spec.profile, keyframes: spec.keyframes, frames: spec.frames)
                + ["lipsync.mp4"],
            in: directory
        ) { report(phase: "sampling", done: min($0.frames, spec.frames), total: spec.frames, unit: "frames") }
        guard made.frames >= spec.frames else {
            throw TaskFailure(
                .userError, code: "video_too_short", detail: "the video has \(made.frames) of \(spec.frames) frames")
        }
        try MockDelivery.check(made, frames: spec.frames)
        return [MockDelivery.picture("lipsync.mp4", in: directory, spec.profile, frames: spec.frames)]
    }

    /// How far the mouth is open in every frame, from 0 to the number of mouths less one.
    private func levels(of spec: LipsyncSpec, _ assignment: Assignment) async throws -> [Int] {
        var envelope = MockEnvelope(frames: spec.frames, profile: spec.profile)
        for (index, line) in spec.lines.enumerated() {
            guard let path = assignment.inputs[line.input] else {
                throw TaskFailure(.userError, code: "input_missing", detail: "no input \(line.input)")
            }
            let name = "line\(index).pcm"
            try await tool(
                ["-f", "wav", "-protocol_whitelist", "file,pipe", "-i", path.string, "-map", "0:a:0"]
                    + ["-ar", "\(MockEnvelope.rate)", "-ac", "1", "-f", "s16le", name],
                in: assignment.directory)
            let sound = try Data(contentsOf: URL(filePath: assignment.directory.appending(name).string))
            envelope.add(sound, from: line.startSample)
        }
        return envelope.steps(MockFace.mouths)
    }

    private static func graph(_ spec: LipsyncSpec, _ face: MockFace) -> String {
        let (width, height) = (spec.profile.width, spec.profile.height)
        let rate = spec.profile.frameRate
        let grid = "settb=\(rate.denominator)/\(rate.numerator),setpts=N"
        let layer = "scale=out_color_matrix=bt709:out_range=tv,format=yuva420p,loop=loop=-1:size=1,\(grid)"
        let x = width - face.size - width / 16 & ~1
        let y = height / 8 & ~1
        // Eyes close for a moment every few seconds.
        let blink = "lt(mod(t+\(spec.seed % 3),3.4),0.14)"
        let chains = [
            "[0:v:0]\(grid),fps=\(rate.numerator)/\(rate.denominator),format=yuv420p[shot]",
            "[1:v]\(layer)[head]",
            "[2:v]\(layer),sendcmd=f=mouth.commands,"
                + "crop@mouth=w=\(face.mouthWidth):h=\(face.mouthHeight):x=0:y=0[mouth]",
            "[3:v]\(layer)[lids]",
            "[shot][head]overlay=x=\(x):y=\(y):eval=init:shortest=1[a]",
            "[a][mouth]overlay=x=\(x + face.mouthX):y=\(y + face.mouthY):eval=init:shortest=1[b]",
            "[b][lids]overlay=x=\(x):y=\(y + face.lidsY):eval=init:shortest=1:enable='\(blink)',format=yuv420p[v]",
        ]
        return chains.joined(separator: ";\n") + "\n"
    }

    /// One command for every frame whose mouth differs from the one before.
    private static func commands(_ levels: [Int], _ spec: LipsyncSpec, _ face: MockFace) -> String {
        let rate = spec.profile.frameRate
        var lines = ["0.0 crop@mouth x 0;"]
        var last = 0
        for (frame, level) in levels.enumerated() where level != last {
            // Half a frame early, so that rounding cannot make it late.
            let microseconds = (2 * frame - 1) * rate.denominator * 500_000 / rate.numerator
            let fraction = "\(max(0, microseconds) % 1_000_000)"
            let padding = String(repeating: "0", count: 6 - fraction.count)
            lines.append(
                "\(max(0, microseconds) / 1_000_000).\(padding)\(fraction) crop@mouth x \(level * face.mouthWidth);")
            last = level
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
