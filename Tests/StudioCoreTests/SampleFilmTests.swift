import Testing

@testable import StudioCore

@Suite struct SampleFilmTests {
    private static func spec() throws -> RunSpec {
        try RunSpec.parse(try sampleDocument())
    }

    @Test func `the sample film fits a screen`() {
        let lines = SampleFilm.yaml.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count <= 60)
        #expect(lines.allSatisfy { $0.count <= 120 })
    }

    @Test func `the sample film has the totals its first line tells`() throws {
        let plan = Planner().plan(try Self.spec())
        let summary = plan.summary
        #expect(summary.title == "Harbour at Dawn")
        #expect(summary.shots == 9 && summary.filmFrames == 852 && summary.filmSeconds == 35.5)
        #expect(summary.tasksByKind == ["llm": 1, "video": 9, "audio": 7, "lipsync": 2, "compose": 1])
        #expect(summary.tasks == 20)
        #expect(plan.shots.last?.startFrame == 732)
        #expect(plan.entities.count == 4)
    }

    @Test func `the sample film shows what a film can have`() throws {
        let film = try #require(try Self.spec().film)
        #expect(Set(film.entities.compactMap(\.voice)) == ["slt", "rms"])
        #expect(film.shots.flatMap(\.effects).count == 2 && film.music.count == 1)
        #expect(film.shots.filter(\.lipsync).count >= 2 && film.expandPrompts)
        #expect(film.shots.map(\.transition.kind).filter { $0 == .dissolve }.count == 1)
        #expect(film.shots.last?.transition.kind == .fade)
    }

    @Test func `the policy that the sample film has commented out is one, and is not what it is without it`() throws {
        let lines = SampleFilm.yaml.split(separator: "\n").drop { !$0.hasPrefix("# policy:") }
            .prefix { $0.hasPrefix("#") }
        let policy = lines.map { $0.dropFirst("# ".count) }.joined(separator: "\n")
        let spec = try RunSpec.parse(try document(yaml: "noop: {tasks: 1}\n" + policy))
        #expect(spec.policy.priority == .interactive && spec.policy.attemptsMax == 5)
        #expect(spec.policy.deadlineSeconds == 7_200)
        #expect(spec.policy.requires == TaskRequirements(vramMiB: 24_576, labels: ["zone": "eu"]))
        #expect(try Self.spec().policy == .standard)
    }

    @Test func `every line of the sample film can be spoken within its shot`() throws {
        let film = try #require(try Self.spec().film)
        let wordsPerSecond = 2.5
        for shot in film.shots {
            var free = 0.0
            for line in shot.dialogue {
                let start = Double(line.at.samples(in: film.profile)) / 48_000
                #expect(start >= free, "\(shot.id): lines overlap")
                free = start + Double(line.line.split(separator: " ").count) / wordsPerSecond
            }
            #expect(free <= film.frameRate.seconds(frames: shot.frames), "\(shot.id): too much to say")
        }
    }
}
