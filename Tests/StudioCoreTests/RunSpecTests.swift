import Testing

@testable import StudioCore

@Suite struct RunSpecTests {
    private let small = "{film: {title: T}, shots: [{id: a, duration: 2s, video: {prompt: x}}]}"

    @Test func `what is left out has its standard value`() throws {
        let spec = try RunSpec.parse(try document(yaml: small))
        let film = try #require(spec.film)
        #expect(spec.policy == RunSpec.Policy(priority: .batch, attemptsMax: 3))
        #expect(spec.metadata.isEmpty && spec.labels.isEmpty)
        #expect(spec.title == "T")
        #expect(film.profile == DeliveryProfile(width: 1_280, height: 720, frameRate: FrameRate(24)))
        #expect(film.language == "en" && film.seed == 0 && film.style.isEmpty && !film.expandPrompts)
        let shot = try #require(film.shots.first)
        #expect(shot.frames == 48 && shot.transition == .cut && !shot.lipsync)
        #expect(shot.model == "default" && shot.dialogue.isEmpty && shot.effects.isEmpty && shot.entities.isEmpty)
    }

    @Test func `every field is kept`() throws {
        let spec = try RunSpec.parse(
            try document(
                yaml: """
                    film: {title: T, fps: 30000/1001, size: 640x360, language: en-GB, seed: 9, style: ink,
                           expand_prompts: true}
                    characters: {mara: {description: pilot, voice: slt}, abe: {description: keeper}}
                    places: {pier: {description: wood}}
                    music: [{prompt: cello, from: 1f, to: 1s, gain_db: -8.5}, {prompt: drums, to: end}]
                    shots:
                      - {id: a, duration: 60f, video: {prompt: x, entities: [pier, mara], model: flux.1}}
                      - {id: b, duration: 60f, video: {prompt: y}, lipsync: true,
                         transition: {kind: dissolve, frames: 7f}, dialogue: [{by: mara, at: 0.25s, line: Hi}],
                         effects: [{prompt: gull, at: 3f, duration: 12f, gain_db: 2}]}
                      - {id: c, duration: 60f, video: {prompt: z}, transition: {kind: fade}}
                    policy: {priority: interactive, attempts_max: 7,
                             requires: {vram_mib: 24576, labels: {zone: eu, disk: fast}}}
                    metadata: {owner: me, empty: ""}
                    labels: [z, a]
                    """))
        let film = try #require(spec.film)
        #expect(film.frameRate == FrameRate(30_000, 1_001) && film.width == 640 && film.height == 360)
        #expect(film.profile.videoTimescale == 90_000)
        #expect(film.entities.map(\.name) == ["abe", "mara", "pier"])
        #expect(film.entities.map(\.voice) == ["default", "slt", nil])
        #expect(
            film.music == [
                RunSpec.Music(prompt: "cello", from: .frames(1), to: .nanoseconds(1_000_000_000), gainDecibels: -8.5),
                RunSpec.Music(prompt: "drums", from: .zero, to: nil, gainDecibels: 0),
            ])
        #expect(film.shots[0].entities == ["pier", "mara"] && film.shots[0].model == "flux.1")
        #expect(film.shots[1].dialogue == [RunSpec.Line(by: "mara", at: .nanoseconds(250_000_000), line: "Hi")])
        #expect(
            film.shots[1].effects == [
                RunSpec.Effect(prompt: "gull", at: .frames(3), duration: .frames(12), gainDecibels: 2)
            ])
        #expect(film.shots.map(\.transition.frames) == [0, 7, 12])
        #expect(film.frames == 173)
        let requires = TaskRequirements(vramMiB: 24_576, labels: ["disk": "fast", "zone": "eu"])
        #expect(spec.policy == RunSpec.Policy(priority: .interactive, attemptsMax: 7, requires: requires))
        #expect(try RunSpec.parse(json: spec.canonicalJSON.utf8) == spec)
        #expect(spec.metadata == ["owner": "me", "empty": ""] && spec.labels == ["a", "z"])
    }

    @Test(arguments: Seeds.all)
    func `the canonical text reads back as an equal spec with the same text`(seed: UInt64) throws {
        var films = RandomFilm(seed: seed)
        let spec = try RunSpec.parse(films.document())
        let again = try RunSpec.parse(json: spec.canonicalJSON.utf8)
        #expect(again == spec)
        #expect(again.canonicalJSON == spec.canonicalJSON)
    }

    @Test func `the order of a document's fields does not change its canonical text`() throws {
        let one = try RunSpec.parse(json: #"{"noop":{"tasks":3,"sleep_ms":5},"labels":["b","a"]}"#.utf8)
        let two = try RunSpec.parse(json: #"{"labels":["a","b"],"noop":{"sleep_ms":5,"tasks":3}}"#.utf8)
        #expect(one == two)
        #expect(
            one.canonicalJSON
                == #"{"labels":["a","b"],"noop":{"sleep_ms":5,"tasks":3},"#
                + #""policy":{"attempts_max":3,"priority":"batch"}}"#)
        #expect(one.film == nil && one.title == "3 no-op tasks")
    }

    @Test func `a faulty character is not missed by those who name it`() throws {
        let found = faults(
            try document(
                yaml: """
                    film: {title: T}
                    characters: {mara: {colour: red}}
                    shots: [{id: a, duration: 2s, video: {prompt: x}, dialogue: [{by: mara, line: Hi}]}]
                    """))
        #expect(found?.faults.map(\.pointer) == ["/characters/mara/colour", "/characters/mara/description"])
    }

    @Test func `two transitions leave a shot at least one frame between them`() throws {
        func film(_ tail: Int) throws -> JSONValue {
            try document(
                yaml: """
                    film: {title: T}
                    shots:
                      - {id: a, duration: 24f, video: {prompt: x}}
                      - {id: b, duration: 24f, video: {prompt: x}, transition: {kind: dissolve, frames: 12}}
                      - {id: c, duration: 24f, video: {prompt: x}, transition: {kind: fade, frames: \(tail)}}
                    """)
        }
        #expect(faults(try film(11)) == nil)
        let found = faults(try film(12))
        #expect(faults(try film(30))?.faults.map(\.pointer) == ["/shots/2/transition"])
        #expect(found?.faults.map(\.pointer) == ["/shots/2/transition"])
        #expect(found?.faults.first?.detail.contains("at most 11f") == true)
    }
}
