import FoundationEssentials
import Testing

@testable import StudioCore

@Suite struct PlannerTests {
    private func plan(_ yaml: String) throws -> RunPlan {
        Planner().plan(try RunSpec.parse(try document(yaml: yaml)))
    }

    private func timeline(_ plan: RunPlan) throws -> Timeline {
        guard case .compose(let compose) = plan.tasks.last?.spec else {
            Issue.record("the last task does not compose")
            throw SpecFaults(SpecFault(.root, .required, "compose"))
        }
        return compose.timeline
    }

    @Test func `a film of two shots becomes this graph`() throws {
        let plan = try plan(
            """
            film: {title: T, expand_prompts: true, style: ink, language: en-GB}
            characters: {mara: {description: pilot, voice: slt}}
            music: [{prompt: cello, from: 1s, to: 2s, gain_db: -8}]
            shots:
              - {id: a, duration: 4s, video: {prompt: x, entities: [mara]}, lipsync: true,
                 dialogue: [{by: mara, at: 0.5s, line: Hi}, {by: mara, at: 48f, line: Ho}]}
              - {id: b, duration: 2s, video: {prompt: y}, effects: [{prompt: gull, at: 1.5s, gain_db: 3}],
                 transition: {kind: dissolve, frames: 12}}
            policy: {priority: interactive, attempts_max: 5}
            """)
        let edges = plan.tasks.map { task in
            task.key + " <- " + task.dependencies.map { "\($0.on) as \($0.input)" }.joined(separator: ", ")
        }
        #expect(
            edges == [
                "prompts <- ", "a/video <- prompts as prompts", "a/speech.0 <- ", "a/speech.1 <- ",
                "a/lipsync <- a/video as video, a/speech.0 as speech.0, a/speech.1 as speech.1",
                "b/video <- prompts as prompts", "b/effect.0 <- ", "music.0 <- ",
                "compose <- a/speech.0 as a.speech.0, a/speech.1 as a.speech.1, a/lipsync as a.lipsync, "
                    + "b/effect.0 as b.effect.0, b/video as b.video, music.0 as music.0",
            ])
        #expect(plan.tasks.map(\.shot) == [nil, "a", "a", "a", "a", "b", "b", nil, nil])
        #expect(plan.tasks.allSatisfy { $0.attemptsMax == 5 } && plan.priority == .interactive)
        #expect(plan.frames == 132 && plan.shots.map(\.startFrame) == [0, 84])

        let timeline = try timeline(plan)
        #expect(timeline.samples == 264_000)
        #expect(timeline.segments.map(\.input) == ["a.lipsync", "b.video"])
        #expect(timeline.speech.map(\.startSample) == [24_000, 96_000])
        #expect(timeline.speech.map(\.endSampleMax) == [264_000, 264_000])
        // The effect begins 1.5 s into a shot that begins at 3.5 s, and would end half a second after the film.
        let effect = Timeline.Clip(input: "b.effect.0", startSample: 240_000, endSampleMax: 264_000, gainDecibels: 3)
        #expect(timeline.effects == [effect])
        let music = Timeline.Clip(input: "music.0", startSample: 48_000, endSampleMax: 96_000, gainDecibels: -8)
        #expect(timeline.music == [music])

        guard case .video(let video) = plan.tasks[1].spec, case .speech(let speech) = plan.tasks[2].spec,
            case .lipsync(let lipsync) = plan.tasks[4].spec, case .effect(let sound) = plan.tasks[6].spec,
            case .prompts(let prompts) = plan.tasks[0].spec, case .video(let second) = plan.tasks[5].spec
        else { return #expect(Bool(false), "tasks of other kinds than planned") }
        #expect(video.entities == [EntityCue(name: "mara", description: "pilot")] && video.style == "ink")
        #expect(video.keyframes == [84] && second.keyframes == [12])
        #expect(speech.voice == "slt" && speech.language == "en-GB")
        #expect(lipsync.lines.map(\.startSample) == [24_000, 96_000] && lipsync.keyframes == [84])
        #expect(sound.samples == 24_000)
        #expect(prompts.shots.map(\.shot) == ["a", "b"])
    }

    @Test func `a fade shortens nothing and both its ends are key frames`() throws {
        let plan = try plan(
            """
            film: {title: T}
            shots:
              - {id: a, duration: 48f, video: {prompt: x}, transition: {kind: fade, frames: 6}}
              - {id: b, duration: 48f, video: {prompt: x}, transition: {kind: fade, frames: 10}}
            """)
        let keyframes = plan.tasks.compactMap { task -> [Int]? in
            if case .video(let video) = task.spec { video.keyframes } else { nil }
        }
        #expect(keyframes == [[6, 38], [10]])
        #expect(plan.frames == 96)
    }

    @Test func `a load of no-op tasks has nothing else`() throws {
        let plan = try plan("noop: {tasks: 1000, sleep_ms: 20}")
        #expect(plan.tasks.count == 1_000 && Set(plan.tasks.map(\.key)).count == 1_000)
        #expect(plan.tasks.allSatisfy { $0.spec == .noop(NoopSpec(sleepMilliseconds: 20)) && $0.dependencies.isEmpty })
        #expect(plan.frames == 0 && plan.shots.isEmpty && plan.entities.isEmpty)
        #expect(plan.summary.tasksByKind == ["noop": 1_000] && plan.summary.filmSeconds == 0)
    }

    @Test func `a short shot at an odd rate keeps its sounds inside the film`() throws {
        let plan = try plan(
            """
            film: {title: T, fps: 30000/1001}
            characters: {m: {description: x}}
            music: [{prompt: x}]
            shots: [{id: a, duration: 1f, video: {prompt: x}, dialogue: [{by: m, at: 0.033s, line: Hi}]}]
            """)
        let timeline = try timeline(plan)
        #expect(timeline.samples == 1_602)
        #expect(timeline.speech.first?.startSample == 1_584)
        #expect(timeline.music.first?.endSampleMax == 1_602)
    }

    @Test(arguments: Seeds.all)
    func `a plan is a graph in order, and compose receives what the time line names`(seed: UInt64) throws {
        var films = RandomFilm(seed: seed)
        let plan = Planner().plan(try RunSpec.parse(films.document()))
        var known = Set<String>()
        for task in plan.tasks {
            #expect(task.dependencies.allSatisfy { known.contains($0.on) }, "\(task.key) comes before what it needs")
            #expect(Set(task.dependencies.map(\.input)).count == task.dependencies.count)
            #expect(task.dependencies.allSatisfy { !$0.input.contains("/") })
            #expect(known.insert(task.key).inserted, "\(task.key) is there twice")
        }
        // Nothing is made that the film does not need.
        var needed: Set<String> = ["compose"]
        for task in plan.tasks.reversed() where needed.contains(task.key) {
            needed.formUnion(task.dependencies.map(\.on))
        }
        #expect(needed == known)
        let timeline = try timeline(plan)
        let named = timeline.segments.map(\.input) + (timeline.speech + timeline.effects + timeline.music).map(\.input)
        #expect(named.sorted() == plan.tasks.last?.dependencies.map(\.input).sorted())
    }

    @Test(arguments: Seeds.all)
    func `frames and samples add up`(seed: UInt64) throws {
        var films = RandomFilm(seed: seed)
        let plan = Planner().plan(try RunSpec.parse(films.document()))
        let timeline = try timeline(plan)
        let rate = plan.profile.frameRate
        let sum = timeline.segments.reduce(0) { $0 + $1.frames - $1.transition.overlap }
        #expect(sum == plan.frames && timeline.frames == plan.frames)
        let exact = Double(plan.frames) * Double(rate.denominator) * 48_000 / Double(rate.numerator)
        #expect(abs(Double(timeline.samples) - exact) <= 0.5 + 1e-6)
        #expect(timeline.segments.first?.startFrame == 0)
        #expect(timeline.segments.last.map { $0.startFrame + $0.frames } == plan.frames)
        for (segment, next) in zip(timeline.segments, timeline.segments.dropFirst()) {
            #expect(segment.startFrame + segment.frames - next.transition.overlap == next.startFrame)
        }
        for clip in timeline.speech + timeline.effects + timeline.music {
            #expect(0 <= clip.startSample && clip.startSample < clip.endSampleMax)
            #expect(clip.endSampleMax <= timeline.samples)
        }
        let lengths = plan.tasks.reduce(into: [String: Int]()) { lengths, task in
            switch task.spec {
            case .effect(let effect): lengths[task.key] = effect.samples
            case .music(let music): lengths[task.key] = music.samples
            default: break
            }
        }
        for clip in timeline.effects + timeline.music {
            let key = plan.tasks.last?.dependencies.first { $0.input == clip.input }?.on ?? ""
            #expect(lengths[key] == clip.endSampleMax - clip.startSample)
        }
    }

    @Test(arguments: Seeds.all)
    func `mouths and sounds agree, and key frames lie where the composer cuts`(seed: UInt64) throws {
        var films = RandomFilm(seed: seed)
        let plan = Planner().plan(try RunSpec.parse(films.document()))
        let timeline = try timeline(plan)
        let clips = Dictionary(uniqueKeysWithValues: timeline.speech.map { ($0.input, $0.startSample) })
        for (index, segment) in timeline.segments.enumerated() {
            let tail = index + 1 < timeline.segments.count ? timeline.segments[index + 1].transition.frames : 0
            let cuts = [segment.transition.frames, segment.frames - tail].filter { $0 > 0 && $0 < segment.frames }
            for task in plan.tasks where task.shot == segment.shot {
                switch task.spec {
                case .video(let video):
                    #expect(video.keyframes == cuts && video.frames == segment.frames)
                    #expect(video.startFrame == segment.startFrame && video.number == index + 1)
                case .lipsync(let lipsync):
                    #expect(lipsync.keyframes == cuts)
                    for line in lipsync.lines {
                        let start = plan.profile.sample(atFrame: segment.startFrame) + line.startSample
                        #expect(clips["\(segment.shot).\(line.input)"] == min(start, timeline.samples - 1))
                    }
                default: break
                }
            }
        }
    }

    @Test(arguments: Seeds.all)
    func `a plan is the same each time, and every task has a seed of its own`(seed: UInt64) throws {
        var films = RandomFilm(seed: seed)
        var spec = try RunSpec.parse(films.document())
        let plan = Planner().plan(spec)
        #expect(Planner().plan(spec) == plan)
        let seeds = plan.tasks.compactMap(seed(of:))
        #expect(Set(seeds).count == seeds.count && seeds.allSatisfy { $0 < 1 << 53 })
        #expect(try JSONDecoder().decode(RunPlan.self, from: JSONEncoder().encode(plan)) == plan)

        guard var film = spec.film else { return #expect(Bool(false), "not a film") }
        film.seed += 1
        spec.work = .film(film)
        #expect(Set(seeds).isDisjoint(with: Planner().plan(spec).tasks.compactMap(seed(of:))))
    }

    private func seed(of task: PlannedTask) -> UInt64? {
        switch task.spec {
        case .video(let spec): spec.seed
        case .speech(let spec): spec.seed
        case .music(let spec): spec.seed
        case .effect(let spec): spec.seed
        case .lipsync(let spec): spec.seed
        case .prompts(let spec): spec.seed
        case .compose, .noop: nil
        }
    }

    @Test func `the seed of a task is the same in every version`() throws {
        let plan = try plan("{film: {title: T, seed: 7}, shots: [{id: s01, duration: 1s, video: {prompt: x}}]}")
        #expect(plan.tasks.first.flatMap(seed(of:)) == 4_448_834_517_496_793)
    }

    @Test func `the largest film is planned within seconds`() throws {
        let shots = (0..<SpecLimits.shotsMax).map { number in
            JSONValue.object([
                ("id", .string("s\(number)")), ("duration", .string("1s")),
                ("video", .object([("prompt", .string("x"))])),
            ])
        }
        let document: JSONValue = .object([("film", .object([("title", .string("T"))])), ("shots", .array(shots))])
        let text = document.canonicalText
        var plan: RunPlan?
        let time = try ContinuousClock().measure { plan = Planner().plan(try RunSpec.parse(json: text.utf8)) }
        #expect(plan?.frames == 240_000 && plan?.tasks.count == 10_001)
        #expect(time < .seconds(10))
    }
}
