import Composition
import MediaFiles
import StudioCore
import SystemPackage
import Testing

struct SoundGraphTests {
    private func clip(_ name: String, _ start: Int, _ length: Int, cut: Bool = false, gain: Double = 0) -> SoundClip {
        SoundClip(
            input: name, path: FilePath("/media/\(name)"), container: name.hasSuffix("flac") ? .flac : .wav,
            start: start,
            length: length, gainDecibels: gain, isCut: cut)
    }

    @Test func `dialogue ducks music, and everything ends at the same sample`() {
        let graph = SoundGraph.mix(
            [
                (.dialogue, [.clips([clip("d.wav", 24_000, 48_000)])]),
                (.music, [.clips([clip("m.flac", 0, 96_000, cut: true, gain: -8)])]),
            ], samples: 96_000, sampleRate: 48_000, ducking: .standard)
        #expect(
            graph.script == """
                anullsrc=r=48000:cl=mono,atrim=end_sample=24000,\
                aformat=sample_fmts=flt:channel_layouts=mono[dialogue0x];
                [0:a:0]aresample=48000,aformat=sample_fmts=flt:channel_layouts=mono,atrim=end_sample=48000,\
                asetpts=N/SR/TB,afade=t=in:ss=0:ns=240,afade=t=out:ss=47760:ns=240,apad=whole_len=72000,\
                atrim=end_sample=72000[dialogue0x0];
                [dialogue0x][dialogue0x0]concat=n=2:v=0:a=1[dialogue0];
                [dialogue0]anull[dialogues];
                [dialogues]asplit=2[dialoguec][key];
                [dialoguec]pan=stereo|c0=c0|c1=c0[dialoguem];
                [1:a:0]aresample=48000,aformat=sample_fmts=flt:channel_layouts=stereo,atrim=end_sample=96000,\
                asetpts=N/SR/TB,volume=-8.00dB,afade=t=in:ss=0:ns=240,afade=t=out:ss=94800:ns=1200,\
                apad=whole_len=96000,atrim=end_sample=96000[music0x1];
                [music0x1]anull[music0];
                [music0]anull[musics];
                [musics][key]sidechaincompress=threshold=0.030:ratio=3.00:attack=20.0:release=400.0:mix=0.80[musicm];
                [dialoguem][musicm]amix=inputs=2:duration=longest:normalize=0[mix];
                [mix]apad=whole_len=96000,atrim=end_sample=96000,asetpts=N/SR/TB,ebur128=peak=true:framelog=verbose,\
                aformat=sample_fmts=flt:channel_layouts=stereo[out]

                """)
        #expect(
            graph.inputArguments == [
                "-f", "wav", "-protocol_whitelist", "file,pipe", "-i", "/media/d.wav",
                "-f", "flac", "-protocol_whitelist", "file,pipe", "-i", "/media/m.flac",
            ])
    }

    @Test func `a film without sounds has silence`() {
        let graph = SoundGraph.mix([], samples: 10, sampleRate: 48_000, ducking: .standard)
        #expect(graph.inputs.isEmpty)
        #expect(graph.chains.first == "anullsrc=r=48000:cl=stereo,atrim=end_sample=10[mix]")
    }

    @Test func `music alone is not ducked`() {
        let graph = SoundGraph.mix(
            [(.music, [.list("music0.ffconcat")])], samples: 10, sampleRate: 48_000, ducking: .standard)
        #expect(!graph.script.contains("sidechain"))
        #expect(graph.inputArguments.contains("concat,wav"))
    }

    @Test func `sounds that overlap get lanes of their own, others share one`() {
        let bus = SoundBus(
            .effects, clips: [clip("c", 150, 10), clip("a", 0, 100), clip("b", 50, 100), clip("d", 100, 50)])
        #expect(bus.lanes.map { $0.map(\.input) } == [["a", "d", "c"], ["b"]])
    }

    @Test func `a clip is cut at its last sample and at the film's end, one without room is dropped`() throws {
        let profile = DeliveryProfile(width: 320, height: 180, frameRate: FrameRate(24))
        let line = timeline(
            profile, segments([("a", 24, .cut)]),
            speech: [
                .init(input: "s", startSample: 1_000, endSampleMax: 5_000),
                .init(input: "s", startSample: 40_000, endSampleMax: 99_000),
                .init(input: "s", startSample: 48_000, endSampleMax: 99_000),
            ])
        let facts = SoundFacts(container: .wav, sampleRate: 24_000, channels: 1, samples: 10_000)
        let plan = try SoundPlan(timeline: line, sounds: ["s": (FilePath("/media/s"), facts)])
        let clips = plan.buses.flatMap(\.lanes).flatMap { $0 }
        #expect(clips.map(\.length) == [4_000, 8_000])
        #expect(clips.allSatisfy { $0.isCut })
        #expect(plan.dropped == ["s: no room for it"])
    }

    @Test func `too many sounds at once are refused`() {
        let profile = DeliveryProfile(width: 320, height: 180, frameRate: FrameRate(24))
        let clips = (0..<60).map { Timeline.Clip(input: "s", startSample: $0, endSampleMax: 40_000) }
        let facts = SoundFacts(container: .wav, sampleRate: 48_000, channels: 1, samples: 48_000)
        #expect(throws: TaskFailure.self) {
            try SoundPlan(
                timeline: timeline(profile, segments([("a", 24, .cut)]), effects: clips),
                sounds: ["s": (FilePath("/media/s"), facts)])
        }
    }
}
