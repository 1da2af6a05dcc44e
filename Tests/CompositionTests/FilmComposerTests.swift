import Composition
import StudioCore
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(3)))
struct FilmComposerTests {
    private let dissolve = Transition(kind: .dissolve, frames: 12)
    private let fade = Transition(kind: .fade, frames: 8)

    @Test func `four shots with a dissolve, a fade, an odd clip and three kinds of sound become the film planned`()
        async throws
    {
        let temporary = try TemporaryFolder()
        let fixture = try FilmFixture(in: temporary.path)
        let inputs = [
            "a/video": try await fixture.shot("a.mp4", frames: 60, keyframes: [48]),
            "b/video": try await fixture.shot("b.mp4", frames: 50, keyframes: [12, 42], hue: 90),
            "c/video": try await fixture.shot("c.mp4", frames: 48, keyframes: [8], hue: 180),
            "d/video": try await fixture.shot("d.mp4", frames: 100, size: "640x480", rate: "30"),
            "speech": try await fixture.speech("line.wav", "The lamp is burning: 100% of it, 'tonight'."),
            "music": try await fixture.sound(
                "music.flac", "sine=f=220:d=20,volume=-6dB,aformat=channel_layouts=stereo"),
            "bell": try await fixture.sound("bell.wav", "sine=f=1500:d=1,volume=-12dB"),
        ]
        let line = segments([
            ("a", 60, .cut), ("b", 50, dissolve), ("c", 48, fade), ("d", 70, .cut),
        ])
        let plan = timeline(
            fixture.profile, line,
            speech: [.init(input: "speech", startSample: 96_000, endSampleMax: 240_000)],
            effects: [.init(input: "bell", startSample: 300_000, endSampleMax: 330_000, gainDecibels: -3)],
            music: [.init(input: "music", startSample: 0, endSampleMax: 432_000, gainDecibels: -8)])
        #expect(plan.frames == 216)

        let film = try await fixture.compose(plan, inputs, title: "Nacht – \"1:2\" % film")
        let verification = film.report.verification
        #expect(verification.findings == [])
        #expect(verification.frames == 216)
        #expect(verification.framesDecoded == 216)
        #expect(verification.steps == ["3750": 215])
        #expect(verification.samples == 432_000)
        #expect(verification.isFastStart)
        #expect(abs((verification.loudness?.integrated ?? 0) + 16) <= 1)
        #expect((verification.loudness?.truePeak ?? 0) <= -1.5)

        let shots = film.report.picture.shots
        #expect(shots.map(\.mode) == [.copied, .copied, .copied, .normalised])
        #expect(shots[3].reason == "640x480, not 320x180")
        #expect(film.report.picture.bridges.map(\.framesEncoded) == [12, 16])
        #expect(film.report.picture.framesCopied == 48 + 30 + 40)
        #expect(film.report.ffmpeg.first?.isNumber == true)
        #expect(try bytes(of: film.poster).prefix(2) == [0xFF, 0xD8])
        let json = String(decoding: try bytes(of: film.reportFile), as: UTF8.self)
        #expect(json.contains("\"frames_copied\" : 118"))
    }

    @Test func `copied frames are the workers' own, bit for bit`() async throws {
        let temporary = try TemporaryFolder()
        let fixture = try FilmFixture(in: temporary.path)
        let a = try await fixture.shot("a.mp4", frames: 30)
        let b = try await fixture.shot("b.mp4", frames: 31, hue: 90)
        let plan = timeline(fixture.profile, segments([("a", 30, .cut), ("b", 31, .cut)]))
        let film = try await fixture.compose(plan, ["a/video": a, "b/video": b])
        #expect(film.report.picture.framesEncoded == 0)
        #expect(film.report.loudness.treatment.skipped == "the film is silent")

        try await fixture.ffmpeg(["-i", a.string, "-f", "rawvideo", "a.raw"])
        try await fixture.ffmpeg(["-i", b.string, "-f", "rawvideo", "b.raw"])
        try await fixture.ffmpeg(["-i", film.film.string, "-map", "0:v", "-f", "rawvideo", "film.raw"])
        let expected = try bytes(of: fixture.folder.appending("a.raw")) + bytes(of: fixture.folder.appending("b.raw"))
        #expect(try bytes(of: fixture.folder.appending("film.raw")) == expected)
    }

    @Test func `the same inputs give the same film`() async throws {
        let temporary = try TemporaryFolder()
        let fixture = try FilmFixture(in: temporary.path)
        let inputs = [
            "a/video": try await fixture.shot("a.mp4", frames: 48, keyframes: [36]),
            "b/video": try await fixture.shot("b.mp4", frames: 60, keyframes: [12], hue: 90),
            "music": try await fixture.sound("music.flac", "sine=f=220:d=5,aformat=channel_layouts=stereo"),
        ]
        let plan = timeline(
            fixture.profile, segments([("a", 48, .cut), ("b", 60, dissolve)]),
            music: [.init(input: "music", startSample: 0, endSampleMax: 192_000)])
        let first = try await fixture.compose(plan, inputs, into: "first")
        let second = try await fixture.compose(plan, inputs, into: "second")
        #expect(try bytes(of: first.film) == bytes(of: second.film))
        #expect(try bytes(of: first.poster) == bytes(of: second.poster))
    }

    @Test func `a fade goes to black and comes back, a dissolve does not`() async throws {
        let temporary = try TemporaryFolder()
        let fixture = try FilmFixture(in: temporary.path)
        let inputs = [
            "a/video": try await fixture.shot("a.mp4", frames: 40, keyframes: [32]),
            "b/video": try await fixture.shot("b.mp4", frames: 48, keyframes: [8, 36], hue: 90),
            "c/video": try await fixture.shot("c.mp4", frames: 40, keyframes: [12], hue: 180),
        ]
        let plan = timeline(fixture.profile, segments([("a", 40, .cut), ("b", 48, fade), ("c", 40, dissolve)]))
        let film = try await fixture.compose(plan, inputs)
        let brightness = try await fixture.brightness(film.film)
        #expect(brightness.count == 116)
        let darkest = brightness.indices.min { brightness[$0] < brightness[$1] }
        #expect([39, 40].contains(darkest))
        #expect(brightness[39...40].allSatisfy { $0 < 0.3 * brightness[20] })
        #expect(brightness[70...].allSatisfy { $0 > 0.6 * brightness[20] })
    }

    @Test func `without key frames at a transition only the frames up to the next one are encoded`() async throws {
        let temporary = try TemporaryFolder()
        let fixture = try FilmFixture(in: temporary.path)
        let inputs = [
            "a/video": try await fixture.shot("a.mp4", frames: 100),
            "b/video": try await fixture.shot("b.mp4", frames: 100, hue: 90),
        ]
        let plan = timeline(fixture.profile, segments([("a", 100, .cut), ("b", 100, dissolve)]))
        let film = try await fixture.compose(plan, inputs)
        #expect(film.report.verification.frames == 188)
        #expect(film.report.picture.shots.map(\.mode) == [.trimmed, .trimmed])
        #expect(film.report.picture.shots.allSatisfy { $0.reason != nil && $0.framesCopied >= 48 })
    }

    @Test func `a wrong timescale is repaired by wrapping anew, other stream parameters by encoding`() async throws {
        let temporary = try TemporaryFolder()
        let fixture = try FilmFixture(in: temporary.path)
        let inputs = [
            "a/video": try await fixture.shot("a.mp4", frames: 30),
            "b/video": try await fixture.shot("b.mp4", frames: 30, timescale: 12_288),
            "c/video": try await fixture.shot("c.mp4", frames: 30, preset: "medium"),
        ]
        let plan = timeline(fixture.profile, segments([("a", 30, .cut), ("b", 30, .cut), ("c", 30, .cut)]))
        let film = try await fixture.compose(plan, inputs)
        #expect(film.report.picture.shots.map(\.mode) == [.copied, .remuxed, .normalised])
        #expect(film.report.picture.shots[1].reason == "timescale 12288, not 90000")
        #expect(film.report.picture.shots[2].reason?.contains("stream parameters") == true)
        #expect(film.report.verification.steps == ["3750": 89])
    }

    @Test func `a shot that is a few frames short is held, one that is much too short is refused`() async throws {
        let temporary = try TemporaryFolder()
        let fixture = try FilmFixture(in: temporary.path)
        let inputs = ["a/video": try await fixture.shot("a.mp4", frames: 40)]
        let film = try await fixture.compose(timeline(fixture.profile, segments([("a", 44, .cut)])), inputs)
        #expect(film.report.verification.frames == 44)
        #expect(film.report.picture.shots[0].reason == "40 of 44 frames: the last one is held")
        await #expect(throws: TaskFailure(.userError, code: "shot_too_short", detail: "shot a has 40 of 96 frames")) {
            _ = try await fixture.compose(timeline(fixture.profile, segments([("a", 96, .cut)])), inputs)
        }
    }

    @Test func `frames at 24000/1001 a second stay on their grid`() async throws {
        let temporary = try TemporaryFolder()
        let rate = FrameRate(24_000, 1_001)
        let fixture = try FilmFixture(
            in: temporary.path, profile: DeliveryProfile(width: 320, height: 180, frameRate: rate))
        let inputs = [
            "a/video": try await fixture.shot("a.mp4", frames: 37, keyframes: [25]),
            "b/video": try await fixture.shot("b.mp4", frames: 53, keyframes: [12]),
            "c/video": try await fixture.shot("c.mp4", frames: 29),
        ]
        let plan = timeline(
            fixture.profile, segments([("a", 37, .cut), ("b", 53, dissolve), ("c", 29, .cut)]))
        let film = try await fixture.compose(plan, inputs)
        #expect(film.report.verification.frames == 107)
        #expect(Set(film.report.verification.steps.keys) == ["3753", "3754"])
        #expect(film.report.verification.samples == 214_214)
    }
}
