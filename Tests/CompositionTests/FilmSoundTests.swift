import Composition
import StudioCore
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(3)))
struct FilmSoundTests {
    @Test func `music is lowered while somebody speaks`() async throws {
        let temporary = try TemporaryFolder()
        let fixture = try FilmFixture(in: temporary.path)
        // Speech without low notes and a low note as music: a filter tells them apart in the mix.
        let inputs = [
            "a/video": try await fixture.shot("a.mp4", frames: 240),
            "speech": try await fixture.sound(
                "s.wav", "anoisesrc=c=pink:d=3:a=0.9:seed=1,highpass=f=600,highpass=f=600"),
            "music": try await fixture.sound("m.flac", "sine=f=110:d=10,aformat=channel_layouts=stereo"),
        ]
        let plan = timeline(
            fixture.profile, segments([("a", 240, .cut)]),
            speech: [.init(input: "speech", startSample: 192_000, endSampleMax: 480_000)],
            music: [.init(input: "music", startSample: 0, endSampleMax: 480_000)])
        let film = try await fixture.compose(plan, inputs)
        let low = "lowpass=f=200,lowpass=f=200"
        let alone = try await fixture.level(film.film, from: 1, to: 3.5, filter: low)
        let under = try await fixture.level(film.film, from: 4.5, to: 6.5, filter: low)
        let after = try await fixture.level(film.film, from: 8.5, to: 9.8, filter: low)
        #expect(alone - under > 5)
        #expect(abs(alone - after) < 1)
        let dialogue = try await fixture.level(film.film, from: 4.5, to: 6.5, filter: "highpass=f=800")
        #expect(dialogue > under)
    }

    @Test func `sounds lie at their samples and end where they must`() async throws {
        let temporary = try TemporaryFolder()
        let fixture = try FilmFixture(in: temporary.path)
        let inputs = [
            "a/video": try await fixture.shot("a.mp4", frames: 96),
            "tone": try await fixture.sound("tone.wav", "sine=f=1000:d=3"),
        ]
        let plan = timeline(
            fixture.profile, segments([("a", 96, .cut)]),
            effects: [.init(input: "tone", startSample: 48_000, endSampleMax: 96_000)])
        let film = try await fixture.compose(plan, inputs)
        #expect(try await fixture.level(film.film, from: 0, to: 0.97) < -60)
        #expect(try await fixture.level(film.film, from: 1.02, to: 1.95) > -30)
        #expect(try await fixture.level(film.film, from: 2.03, to: 4) < -60)
    }

    @Test(arguments: ["sine=f=300:d=6,volume=-30dB", "aevalsrc='0.9*sin(2*PI*90*t)*gt(mod(t,1),0.9)':s=48000:d=6"])
    func `quiet and spiky programmes end at the target below the ceiling`(_ source: String) async throws {
        let temporary = try TemporaryFolder()
        let fixture = try FilmFixture(in: temporary.path)
        let inputs = [
            "a/video": try await fixture.shot("a.mp4", frames: 144),
            "sound": try await fixture.sound("sound.wav", source),
        ]
        let plan = timeline(
            fixture.profile, segments([("a", 144, .cut)]),
            effects: [.init(input: "sound", startSample: 0, endSampleMax: 288_000)])
        let film = try await fixture.compose(plan, inputs)
        let loudness = try #require(film.report.verification.loudness)
        #expect(film.report.loudness.treatment.skipped == nil)
        #expect(abs(loudness.integrated + 16) <= 1)
        #expect(loudness.truePeak ?? 0 <= -1.5)
    }

    @Test func `a film below three seconds keeps its loudness but not its peaks`() async throws {
        let temporary = try TemporaryFolder()
        let fixture = try FilmFixture(in: temporary.path)
        let inputs = [
            "a/video": try await fixture.shot("a.mp4", frames: 48),
            "sound": try await fixture.sound("sound.wav", "sine=f=300:d=2,volume=18dB"),
        ]
        let plan = timeline(
            fixture.profile, segments([("a", 48, .cut)]),
            effects: [.init(input: "sound", startSample: 0, endSampleMax: 96_000)])
        let film = try await fixture.compose(plan, inputs)
        #expect(film.report.loudness.treatment.skipped?.contains("3 s") == true)
        #expect(film.report.verification.loudness?.truePeak ?? 0 <= -1.5)
    }

    @Test func `more sounds than inputs allowed give the same mix`() async throws {
        let temporary = try TemporaryFolder()
        let fixture = try FilmFixture(in: temporary.path)
        var inputs = ["a/video": try await fixture.shot("a.mp4", frames: 240)]
        var clips: [Timeline.Clip] = []
        for index in 0..<9 {
            let name = "tone\(index)"
            inputs[name] = try await fixture.sound("\(name).wav", "sine=f=\(300 + 50 * index):d=1.5")
            clips.append(
                .init(input: name, startSample: 45_000 * index + 7, endSampleMax: 480_000, gainDecibels: -6))
        }
        let plan = timeline(fixture.profile, segments([("a", 240, .cut)]), effects: clips)
        let whole = try await fixture.compose(plan, inputs, into: "whole")
        let grouped = try await fixture.compose(plan, inputs, into: "grouped") { $0.inputsMax = 3 }
        #expect(try bytes(of: whole.film) == bytes(of: grouped.film))
    }
}
