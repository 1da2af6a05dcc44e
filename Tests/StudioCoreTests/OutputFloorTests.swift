import Testing

@testable import StudioCore

@Suite struct OutputFloorTests {
    private let music = TaskSpec.music(MusicSpec(prompt: "rain", samples: 48_000, seed: 7, sampleRate: 48_000))

    private func failure(_ size: Int64, _ media: MediaFacts) throws -> TaskFailure? {
        try #require(OutputFloor.table(of: music)["music.flac"]).failure(of: "music.flac", bytes: size, media: media)
    }

    @Test func `every output that any task declares has a floor, and nothing else has`() throws {
        let plan = Planner().plan(try RunSpec.parse(try sampleDocument()))
        for spec in plan.tasks.map(\.spec) + [.noop(NoopSpec(sleepMilliseconds: 1))] {
            let floors = OutputFloor.table(of: spec)
            #expect(Set(floors.keys) == Set(spec.outputs.map(\.name)))
            #expect(floors.values.allSatisfy { $0.bytes > 0 })
        }
    }

    @Test func `a file below its floor is empty, whatever its facts say`() throws {
        let failure = try #require(try failure(51, MediaFacts(samples: 48_000)))
        #expect(failure.errorClass == .temporary && failure.code == "output_empty")
        #expect(failure.detail.contains("music.flac has 51 bytes"))
    }

    @Test(arguments: [
        (0, "output_empty"), (24_000, "output_too_short"), (47_993, "output_too_short"), (47_994, nil), (48_000, nil),
        (48_001, nil), (nil, nil),
    ])
    func `a sound shorter than asked for by more than one sample of any file is a failure, others are none`(
        samples: Int?, code: String?
    ) throws {
        #expect(try failure(52, MediaFacts(samples: samples))?.code == code)
    }

    @Test func `a sound of few samples is empty without any`() {
        let floor = OutputFloor(bytes: 1, samples: 5, sampleRate: 48_000)
        #expect(floor.failure(of: "s", bytes: 9, media: MediaFacts(samples: 0))?.code == "output_empty")
        #expect(floor.failure(of: "s", bytes: 9, media: MediaFacts(samples: 1)) == nil)
    }

    @Test func `every sound is counted at the rate that its task asks for`() throws {
        let plan = Planner().plan(try RunSpec.parse(try sampleDocument()))
        let floors = plan.tasks.flatMap { OutputFloor.table(of: $0.spec).values }
        #expect(Set(floors.filter { $0.samples != nil }.map(\.sampleRate)) == [48_000])
    }

    @Test func `prompts that lack a shot, or a text for one, are too short`() throws {
        let shots = ["a", "b"].map { PromptsSpec.Shot(shot: $0, prompt: "", entities: []) }
        let spec = TaskSpec.prompts(PromptsSpec(title: "", style: "", seed: 1, shots: shots))
        let floor = try #require(OutputFloor.table(of: spec)["prompts.json"])
        #expect(floor.failure(of: "p", prompts: ["a": "x", "b": "y", "c": ""]) == nil)
        #expect(floor.failure(of: "p", prompts: ["a": "x", "b": ""])?.code == "output_too_short")
        #expect(floor.failure(of: "p", prompts: [:])?.code == "output_empty")
    }

    @Test func `a picture with fewer frames than asked for is too short, and says both numbers`() {
        let failure = OutputFloor(bytes: 1, frames: 48).failure(of: "v", bytes: 9, media: MediaFacts(frames: 47))
        #expect(failure?.code == "output_too_short")
        #expect(failure?.detail == "v has 47 of the 48 frames that were asked for")
    }
}
