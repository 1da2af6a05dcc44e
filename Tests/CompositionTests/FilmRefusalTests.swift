import Composition
import FoundationEssentials
import StudioCore
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(3)))
struct FilmRefusalTests {
    @Test func `a truncated shot is refused by name`() async throws {
        let temporary = try TemporaryFolder()
        let fixture = try FilmFixture(in: temporary.path)
        let whole = try bytes(of: try await fixture.shot("a.mp4", frames: 48))
        let path = fixture.folder.appending("cut.mp4")
        try Data(whole.prefix(whole.count / 2)).write(to: URL(filePath: path.string))
        let failure = await #expect(throws: TaskFailure.self) {
            _ = try await fixture.compose(timeline(fixture.profile, segments([("a", 48, .cut)])), ["a/video": path])
        }
        #expect(failure?.errorClass == .userError)
        #expect(failure?.code == "input_corrupt")
        #expect(failure?.detail.contains("shot a: the file is cut off") == true)
    }

    @Test func `a shot with damaged picture data is found out and refused by name`() async throws {
        let temporary = try TemporaryFolder()
        let fixture = try FilmFixture(in: temporary.path)
        let good = try await fixture.shot("good.mp4", frames: 48)
        var damaged = try bytes(of: good)
        for index in stride(from: damaged.count / 2, to: damaged.count - 200, by: 7) { damaged[index] ^= 0xA5 }
        let path = fixture.folder.appending("damaged.mp4")
        try Data(damaged).write(to: URL(filePath: path.string))
        let plan = timeline(fixture.profile, segments([("a", 48, .cut), ("b", 48, .cut)]))
        let failure = await #expect(throws: TaskFailure.self) {
            _ = try await fixture.compose(plan, ["a/video": good, "b/video": path])
        }
        #expect(failure?.errorClass == .userError)
        #expect(failure?.detail.contains("shot b cannot be decoded") == true)
        #expect(!FileManager.default.fileExists(atPath: fixture.folder.appending("out/film.mp4").string))
    }

    @Test(arguments: ["#EXTM3U\nhttp://example.com/a.ts\n", "ffconcat version 1.0\nfile /etc/passwd\n", ""])
    func `a file that only pretends to be a film is refused`(_ content: String) async throws {
        let temporary = try TemporaryFolder()
        let fixture = try FilmFixture(in: temporary.path)
        let path = fixture.folder.appending("fake.mp4")
        try content.write(toFile: path.string, atomically: false, encoding: .utf8)
        let plan = timeline(fixture.profile, segments([("a", 48, .cut)]))
        let failure = await #expect(throws: TaskFailure.self) { _ = try await fixture.compose(plan, ["a/video": path]) }
        #expect(failure?.errorClass == .userError)
        #expect(failure?.code == "input_corrupt")
    }

    @Test func `missing inputs and contradictory timelines are the user's errors`() async throws {
        let temporary = try TemporaryFolder()
        let fixture = try FilmFixture(in: temporary.path)
        let inputs = ["a/video": try await fixture.shot("a.mp4", frames: 48)]
        func code(_ plan: Timeline) async -> String? {
            await #expect(throws: TaskFailure.self) { _ = try await fixture.compose(plan, inputs) }?.code
        }
        let profile = fixture.profile
        #expect(await code(timeline(profile, segments([("b", 48, .cut)]))) == "input_missing")
        let music = Timeline.Clip(input: "music", startSample: 0, endSampleMax: 9)
        #expect(await code(timeline(profile, segments([("a", 48, .cut)]), music: [music])) == "input_missing")
        let long = Transition(kind: .fade, frames: 30)
        #expect(await code(timeline(profile, segments([("a", 48, .cut), ("a", 29, long)]))) == "bad_timeline")
        let shifted = Timeline.Segment(shot: "a", input: "a/video", frames: 48, startFrame: 3, transition: .cut)
        #expect(await code(timeline(profile, [shifted])) == "bad_timeline")
        #expect(await code(timeline(profile, [])) == "bad_timeline")
    }

    @Test func `cancelling kills ffmpeg and leaves nothing`() async throws {
        let temporary = try TemporaryFolder()
        let fixture = try FilmFixture(in: temporary.path)
        let run = FFmpegRun(executable: fixture.configuration.ffmpeg, limit: .seconds(60))
        let folder = fixture.folder
        let marker = "marker-\(UUID().uuidString)"
        let task = Task {
            try await run(
                [
                    "-re", "-f", "lavfi", "-i", "testsrc2=s=64x36:r=24", "-metadata", "title=\(marker)", "-t", "60",
                    "x.mp4",
                ],
                in: folder, step: "waiting")
        }
        try await until { processes(naming: marker) == 1 }
        let clock = ContinuousClock()
        let start = clock.now
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(clock.now - start < .seconds(30))
        #expect(processes(naming: marker) == 0)
    }

    @Test func `a run that takes too long is killed and says so`() async throws {
        let temporary = try TemporaryFolder()
        let fixture = try FilmFixture(in: temporary.path)
        let run = FFmpegRun(executable: fixture.configuration.ffmpeg, limit: .milliseconds(400))
        let failure = await #expect(throws: TaskFailure.self) {
            try await run(
                ["-re", "-f", "lavfi", "-i", "testsrc2=s=64x36:r=24", "-t", "60", "x.mp4"], in: temporary.path,
                step: "waiting")
        }
        #expect(failure?.code == "ffmpeg_timeout")
        #expect(failure?.errorClass == .temporary)
    }

    @Test func `a full disk is the machine's fault and worth another try elsewhere`() async throws {
        let temporary = try TemporaryFolder()
        let fixture = try FilmFixture(in: temporary.path)
        let run = FFmpegRun(executable: fixture.configuration.ffmpeg, limit: .seconds(60))
        let failure = await #expect(throws: TaskFailure.self) {
            try await run(
                ["-f", "lavfi", "-i", "testsrc2=s=640x360:r=24", "-t", "5", "-f", "rawvideo", "/dev/full"],
                in: temporary.path, step: "filling the disk")
        }
        #expect(failure?.code == "disk_full")
        #expect(failure?.errorClass == .resource)
    }

    @Test func `a missing ffmpeg is named at the start`() throws {
        let failure = #expect(throws: TaskFailure.self) { try ComposerConfiguration(ffmpeg: "/nowhere/ffmpeg") }
        #expect(failure?.code == "ffmpeg_missing")
        #expect(failure?.errorClass == .resource)
    }

    private func processes(naming marker: String) -> Int {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return all.filter { entry in
            guard Int(entry) != nil, let line = FileManager.default.contents(atPath: "/proc/\(entry)/cmdline") else {
                return false
            }
            return String(decoding: line, as: UTF8.self).contains(marker)
        }.count
    }

    private func until(_ condition: () -> Bool) async throws {
        for _ in 0..<3_000 where !condition() { try await Task.sleep(for: .milliseconds(10)) }
        #expect(condition())
    }
}
