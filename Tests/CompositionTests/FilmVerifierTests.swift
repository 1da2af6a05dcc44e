import Composition
import StudioCore
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(3)))
struct FilmVerifierTests {
    /// A good film, and the same film broken in the way that `arguments` describe.
    private func findings(breaking arguments: [String]) async throws -> [String] {
        let temporary = try TemporaryFolder()
        let fixture = try FilmFixture(in: temporary.path)
        let inputs = [
            "a/video": try await fixture.shot("a.mp4", frames: 96, keyframes: [48]),
            "music": try await fixture.sound("m.flac", "sine=f=220:d=4,aformat=channel_layouts=stereo"),
        ]
        let plan = timeline(
            fixture.profile, segments([("a", 96, .cut)]),
            music: [.init(input: "music", startSample: 0, endSampleMax: 192_000)])
        let film = try await fixture.compose(plan, inputs)
        let expectation = FilmVerifier.Expectation(
            timeline: plan, target: fixture.configuration.loudness, checksLoudness: true)
        let verifier = FilmVerifier(fixture.configuration)
        #expect(try await verifier.verify(film.film, expectation).findings == [])
        try await fixture.ffmpeg(["-i", film.film.string] + arguments + ["-movie_timescale", "48000", "broken.mp4"])
        return try await verifier.verify(fixture.folder.appending("broken.mp4"), expectation).findings
    }

    @Test func `a dropped frame is found`() async throws {
        let found = try await findings(breaking: [
            "-c:a", "copy", "-vf", "select='not(eq(n,40))'", "-fps_mode", "passthrough", "-c:v", "libx264",
            "-video_track_timescale", "90000", "-movflags", "+faststart",
        ])
        #expect(found.contains("number of frames is 95, not 96"))
        #expect(found.contains { $0.hasPrefix("frame 40 is not where the frame rate puts it") })
    }

    @Test func `shortened sound is found`() async throws {
        let found = try await findings(breaking: [
            "-c:v", "copy", "-af", "atrim=end_sample=190000", "-c:a", "aac", "-b:a", "192k",
            "-video_track_timescale", "90000", "-movflags", "+faststart",
        ])
        #expect(found.contains("length of the sound in samples is 190000, not 192000"))
        #expect(!found.contains { $0.contains("frames") })
    }

    @Test func `a film too quiet and one that cannot start playing at once are found`() async throws {
        let found = try await findings(breaking: [
            "-c:v", "copy", "-af", "volume=-6dB", "-c:a", "aac", "-b:a", "192k", "-video_track_timescale", "90000",
        ])
        #expect(found.contains { $0.hasPrefix("loudness is -22") })
        #expect(found.contains("index before data is false, not true"))
    }
}
