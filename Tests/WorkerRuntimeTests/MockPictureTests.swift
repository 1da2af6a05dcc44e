import Foundation
import StudioCore
import SystemPackage
import Testing
import WorkerRuntime

@Suite(.timeLimit(.minutes(3)))
struct MockPictureTests {
    @Test func `a shot has its frames and its key frames, and says so`() async throws {
        let bench = try MockBench()
        let files = try await bench.execute(
            MockVideoExecutor(bench.tool), bench.video(frames: 61, keyframes: [12, 49, 61, 900]))
        #expect(files.map(\.name) == ["video.mp4"])
        #expect(files[0].media == MediaFacts(frames: 61, width: 320, height: 180))
        let movie = try MovieFacts(files[0].path)
        #expect(movie.frames == 61)
        #expect(Set([0, 12, 49]).isSubset(of: movie.keyframes))
    }

    @Test func `the same spec gives the same bytes, another seed another picture`() async throws {
        let bench = try MockBench()
        let executor = MockVideoExecutor(bench.tool)
        let first = try await bench.execute(executor, bench.video(frames: 12))
        let again = try await bench.execute(executor, bench.video(frames: 12))
        let other = try await bench.execute(executor, bench.video(seed: 2, frames: 12))
        #expect(try content(first) == content(again))
        #expect(try content(first) != content(other))
    }

    @Test func `all shots of a run, and their lip-synced versions, share one decoder configuration`() async throws {
        let bench = try MockBench()
        var descriptions: Set<[UInt8]> = []
        let prompts = ["A city at night", "The sea in a storm", "A forest", "Snow on the mountain at sunset", ""]
        for (index, prompt) in prompts.enumerated() {
            let video = try await bench.execute(
                MockVideoExecutor(bench.tool), bench.video(prompt: prompt, seed: UInt64(index), frames: 24 + index))
            descriptions.insert(try MovieFacts(video[0].path).description)
            let lipsync = LipsyncSpec(
                shot: "s", seed: 1, profile: bench.profile, frames: 24 + index, keyframes: [5], lines: [])
            let mouth = try await bench.execute(
                MockLipsyncExecutor(bench.tool), .lipsync(lipsync), inputs: ["video": video[0].path])
            descriptions.insert(try MovieFacts(mouth[0].path).description)
        }
        #expect(descriptions.count == 1)
        #expect(descriptions.first?.isEmpty == false)
    }

    @Test(arguments: [
        "%{localtime} %d 100%", "it's \"quoted\": a\\b [x] ; , = 'end", "", "\n\n\t", "…—„Ä“ 日本語 🎬",
        "wordwithoutanyspaceatallthatislongerthanthepictureiswideandgoesonandonandonandonandonandonandonandonandon",
        String(repeating: "many words ", count: 300),
    ])
    func `no text can break the picture`(_ text: String) async throws {
        let bench = try MockBench()
        let entities = [EntityCue(name: text, description: text)]
        let prompts = String(decoding: try JSONEncoder().encode(["s01": text]), as: UTF8.self)
        let files = try await bench.execute(
            MockVideoExecutor(bench.tool), bench.video(prompt: text, style: text, frames: 4, entities: entities),
            inputs: ["prompts": try bench.file("prompts.json", prompts)])
        #expect(try MovieFacts(files[0].path).frames == 4)
    }

    @Test func `an expanded prompt is shown, and one that cannot be read is refused`() async throws {
        let bench = try MockBench()
        let executor = MockVideoExecutor(bench.tool)
        let plain = try await bench.execute(executor, bench.video(frames: 4))
        let good = try bench.file("good.json", #"{"s01": "slow dolly-in, 35 mm"}"#)
        let shown = try await bench.execute(executor, bench.video(frames: 4), inputs: ["prompts": good])
        #expect(try content(plain) != content(shown))
        let bad = try bench.file("bad.json", "[1]")
        let failure = await #expect(throws: TaskFailure.self) {
            _ = try await bench.execute(executor, bench.video(frames: 4), inputs: ["prompts": bad])
        }
        #expect(failure?.code == "bad_prompts")
    }

    @Test func `the mouth moves while a line is spoken, and rests before it`() async throws {
        let bench = try MockBench()
        let video = try await bench.execute(MockVideoExecutor(bench.tool), bench.video(frames: 72))
        let speech = try await bench.execute(
            MockSpeechExecutor(bench.tool),
            .speech(.init(line: "Oh no, not now!", voice: "slt", language: "en", seed: 1, sampleRate: 48_000)))
        func lipsync(_ lines: [LipsyncSpec.Line], frames: Int = 72) async throws -> [ProducedFile] {
            let spec = LipsyncSpec(
                shot: "s01", seed: 3, profile: bench.profile, frames: frames, keyframes: [36], lines: lines)
            return try await bench.execute(
                MockLipsyncExecutor(bench.tool), .lipsync(spec),
                inputs: ["video": video[0].path, "line": speech[0].path])
        }
        let talking = try await lipsync([.init(input: "line", startSample: 48_000)])
        #expect(try MovieFacts(talking[0].path).frames == 72)
        #expect(try MovieFacts(talking[0].path).keyframes.contains(36))
        let commands = try String(
            contentsOfFile: talking[0].path.removingLastComponent().appending("mouth.commands").string, encoding: .utf8)
        let times = commands.split(separator: "\n").dropFirst().compactMap { Double($0.split(separator: " ")[0]) }
        #expect(times.count > 5)
        #expect(times.allSatisfy { $0 > 0.9 })
        #expect(try content(talking) != content(try await lipsync([])))

        let failure = await #expect(throws: TaskFailure.self) { _ = try await lipsync([], frames: 90) }
        #expect(failure?.code == "video_too_short")
    }

    private func content(_ files: [ProducedFile]) throws -> Data {
        try Data(contentsOf: URL(filePath: files[0].path.string))
    }
}
