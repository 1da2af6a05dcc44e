import Testing

@testable import StudioCore

/// A document that is wrong in one way, and how that must be reported.
struct FaultCase: Sendable, CustomTestStringConvertible {
    let code: SpecFault.Code
    let pointer: String
    let cure: String
    let yaml: String

    init(_ code: SpecFault.Code, _ pointer: String, _ cure: String, _ yaml: String) {
        (self.code, self.pointer, self.cure, self.yaml) = (code, pointer, cure, yaml)
    }

    /// A film whose only shot has these fields besides its id, duration and video.
    static func shot(_ code: SpecFault.Code, _ pointer: String, _ cure: String, _ fields: String) -> FaultCase {
        film(code, "/shots/0" + pointer, cure, shots: "[{id: s01, duration: 4s, video: {prompt: x}, \(fields)}]")
    }

    static func film(
        _ code: SpecFault.Code, _ pointer: String, _ cure: String, film: String = "title: T",
        shots: String = "[{id: s01, duration: 4s, video: {prompt: x}}]", more: String = ""
    ) -> FaultCase {
        FaultCase(
            code, pointer, cure,
            """
            film: {\(film)}
            characters: {mara: {description: pilot}, ben: {description: keeper}}
            places: {pier: {description: wood}}
            shots: \(shots)
            \(more)
            """)
    }

    var testDescription: String { "\(code.rawValue) at \(pointer)" }

    private static func shots(_ transition: String, frames: Int = 24) -> String {
        """
        [{id: a, duration: \(frames)f, video: {prompt: x}}, \
        {id: b, duration: \(frames)f, video: {prompt: x}, transition: \(transition)}]
        """
    }

    private static func list(_ elements: [String]) -> String {
        "[" + elements.joined(separator: ", ") + "]"
    }

    /// A policy that requires these labels.
    private static func labels(_ members: String) -> String { "policy: {requires: {labels: {\(members)}}}" }

    static let all: [FaultCase] = [
        FaultCase(.wrongType, "", "expected a map", "[1]"),
        FaultCase(.required, "/film", "add film", "shots: [{id: a, duration: 1s, video: {prompt: x}}]"),
        FaultCase(.required, "/shots", "add shots", "film: {title: T}"),
        FaultCase(.required, "/noop/tasks", "add tasks", "noop: {sleep_ms: 5}"),
        FaultCase(.outOfRange, "/noop/tasks", "use 1 to 1000", "noop: {tasks: 1001}"),
        FaultCase(.outOfRange, "/noop/sleep_ms", "use 0 to 60000", "noop: {tasks: 1, sleep_ms: -1}"),
        FaultCase(.conflict, "/film", "remove this, or noop", "{noop: {tasks: 1}, film: {title: T}}"),
        .film(.unknownField, "/film/titel", "did you mean \"title\"?", film: "title: T, titel: T"),
        .film(.unknownField, "/shot", "did you mean \"shots\"?", more: "shot: []"),
        .film(.unknownField, "/film/zzz~1~0", "known: expand_prompts, fps", film: "title: T, \"zzz/~\": 1"),
        .film(.required, "/film/title", "add title", film: "fps: 24"),
        .film(.wrongType, "/film/title", "put it in quotes, \"2001\"", film: "title: 2001"),
        .film(.wrongType, "/film/style", "leave the field out", film: "title: T, style: null"),
        .film(.empty, "/film/title", "at least one character", film: "title: \"  \""),
        .film(.tooLong, "/film/title", "at most 200", film: "title: \"" + String(repeating: "é", count: 201) + "\""),
        .film(.controlCharacter, "/film/title", "write one line", film: "title: \"a\\nb\""),
        .film(.controlCharacter, "/film/style", "write one line", film: "title: T, style: \"\\e[31m\""),
        .film(.unknownValue, "/film/fps", "use one of 24, 25", film: "title: T, fps: 23"),
        .film(.wrongType, "/film/fps", "24000/1001", film: "title: T, fps: 23.976"),
        .film(.wrongFormat, "/film/size", "1280x720", film: "title: T, size: 720p"),
        .film(.outOfRange, "/film/size", "must be even", film: "title: T, size: 1281x720"),
        .film(.outOfRange, "/film/size", "64 to 3840", film: "title: T, size: 1280x4000"),
        .film(.wrongFormat, "/film/language", "en-GB", film: "title: T, language: english"),
        .film(.outOfRange, "/film/seed", "use 0 to", film: "title: T, seed: -1"),
        .film(.outOfRange, "/film/seed", "use 0 to", film: "title: T, seed: 1e30"),
        .film(.wrongType, "/film/seed", "round it", film: "title: T, seed: 1.5"),
        .film(.wrongType, "/film/seed", "remove the quotes", film: "title: T, seed: \"7\""),
        .film(.wrongType, "/film/expand_prompts", "remove the quotes", film: "title: T, expand_prompts: \"true\""),
        .film(.empty, "/shots", "at least one shot", shots: "[]"),
        .film(.wrongType, "/shots", "expected a list", shots: "{}"),
        .film(.required, "/shots/0/id", "add id", shots: "[{duration: 4s, video: {prompt: x}}]"),
        .film(.required, "/shots/0/duration", "4s", shots: "[{id: a, video: {prompt: x}}]"),
        .film(.required, "/shots/0/video", "prompt", shots: "[{id: a, duration: 4s}]"),
        .film(.required, "/shots/0/video/prompt", "prompt", shots: "[{id: a, duration: 4s, video: {}}]"),
        .film(.wrongFormat, "/shots/0/id", "a-z 0-9 _ -", shots: "[{id: \"S 1\", duration: 4s, video: {prompt: x}}]"),
        .film(
            .duplicate, "/shots/1/id", "choose another id",
            shots: "[{id: a, duration: 4s, video: {prompt: x}}, {id: a, duration: 4s, video: {prompt: x}}]"),
        .film(.wrongType, "/shots/0/duration", "write 4s", shots: "[{id: a, duration: 4, video: {prompt: x}}]"),
        .film(.wrongFormat, "/shots/0/duration", "96f", shots: "[{id: a, duration: 4 s, video: {prompt: x}}]"),
        .film(.notAFrame, "/shots/0/duration", "12f or 13f", shots: "[{id: a, duration: 0.51s, video: {prompt: x}}]"),
        .film(.notAFrame, "/shots/0/duration", "write 1f", shots: "[{id: a, duration: 0.01s, video: {prompt: x}}]"),
        .film(
            .notAFrame, "/shots/0/duration", "95f or 96f", film: "title: T, fps: 24000/1001",
            shots: "[{id: a, duration: 4s, video: {prompt: x}}]"),
        .film(.outOfRange, "/shots/0/duration", "1 to 36000", shots: "[{id: a, duration: 0s, video: {prompt: x}}]"),
        .film(.outOfRange, "/shots/0/duration", "1 to 36000", shots: "[{id: a, duration: 36001f, video: {prompt: x}}]"),
        .film(
            .outOfRange, "/shots", "make it in parts",
            shots: list((0..<10).map { "{id: s\($0), duration: 36000f, video: {prompt: x}}" })),
        .film(
            .unknownReference, "/shots/0/video/entities/1", "did you mean \"mara\"?",
            shots: "[{id: a, duration: 4s, video: {prompt: x, entities: [pier, maara]}}]"),
        .film(
            .duplicate, "/shots/0/video/entities/1", "remove it",
            shots: "[{id: a, duration: 4s, video: {prompt: x, entities: [pier, pier]}}]"),
        .film(
            .wrongFormat, "/shots/0/video/model", "A-Z",
            shots: "[{id: a, duration: 4s, video: {prompt: x, model: \"a b\"}}]"),
        .shot(.unknownReference, "/dialogue/0/by", "did you mean \"ben\"?", "dialogue: [{by: bne, line: Hi}]"),
        .shot(.unknownReference, "/dialogue/0/by", "known: ben, mara", "dialogue: [{by: pier, line: Hi}]"),
        .shot(.outsideShot, "/dialogue/0/at", "lengthen the shot", "dialogue: [{by: ben, at: 4s, line: Hi}]"),
        .shot(.outsideShot, "/effects/0/at", "begin earlier", "effects: [{prompt: gull, at: 96f}]"),
        .shot(.outOfRange, "/effects/0/duration", "at most 60s", "effects: [{prompt: gull, duration: 61s}]"),
        .shot(.outOfRange, "/effects/0/duration", "more than 0s", "effects: [{prompt: gull, duration: 0f}]"),
        .shot(.outOfRange, "/effects/0/gain_db", "-60.0 to 12.0", "effects: [{prompt: gull, gain_db: 13}]"),
        .shot(.outOfRange, "/effects/0/gain_db", "-60.0 to 12.0", "effects: [{prompt: gull, gain_db: .nan}]"),
        .shot(
            .tooMany, "/dialogue", "at most 64",
            "dialogue: " + list(Array(repeating: "{by: ben, line: Hi}", count: 65))),
        .shot(
            .tooMany, "/effects", "at most 64",
            "effects: " + list(Array(repeating: "{prompt: gull}", count: 65))),
        .shot(.lipsyncWithoutDialogue, "/lipsync", "add a line", "lipsync: true"),
        .shot(.nothingBefore, "/transition", "use fade", "transition: {kind: dissolve, frames: 12}"),
        .shot(.unknownValue, "/transition/kind", "did you mean \"dissolve\"?", "transition: {kind: disolve}"),
        .shot(.conflict, "/transition", "keep one", "transition: {kind: fade, frames: 12, duration: 12f}"),
        .shot(.conflict, "/transition", "a cut has no length", "transition: {kind: cut, frames: 12}"),
        .film(.transitionTooLong, "/shots/1/transition", "at most 23f", shots: shots("{kind: dissolve, frames: 24}")),
        .film(.transitionTooLong, "/shots/1/transition", "use a cut", shots: shots("{kind: fade}", frames: 1)),
        .film(.notAFrame, "/shots/1/transition/duration", "2f or 3f", shots: shots("{kind: fade, duration: 0.1s}")),
        .film(.tooMany, "/music", "at most 16", more: "music: " + list(Array(repeating: "{prompt: x}", count: 17))),
        .film(.outsideFilm, "/music/0/from", "begin earlier", more: "music: [{prompt: x, from: 4s}]"),
        .film(.outsideFilm, "/music/0/to", "write end", more: "music: [{prompt: x, to: 4.1s}]"),
        .film(.outsideFilm, "/music/0/to", "end later", more: "music: [{prompt: x, from: 2s, to: 48f}]"),
        .film(.wrongFormat, "/policy/deadline", "30m or 2h", more: "policy: {deadline: 2d}"),
        .film(.outOfRange, "/policy/deadline", "1s to 168h", more: "policy: {deadline: 169h}"),
        .film(.outOfRange, "/policy/deadline", "1s to 168h", more: "policy: {deadline: 0s}"),
        .film(.wrongType, "/policy/deadline", "put it in quotes", more: "policy: {deadline: 7200}"),
        .film(.notSupported, "/policy/on_length_mismatch", "remove it", more: "policy: {on_length_mismatch: hold}"),
        .film(.unknownValue, "/policy/priority", "known: batch, interactive", more: "policy: {priority: now}"),
        .film(.outOfRange, "/policy/attempts_max", "1 to 10", more: "policy: {attempts_max: 11}"),
        .film(.outOfRange, "/policy/requires/vram_mib", "1 to 1048576", more: "policy: {requires: {vram_mib: 0}}"),
        .film(.unknownField, "/policy/requires/vram", "vram_mib", more: "policy: {requires: {vram: 8}}"),
        .film(.wrongType, "/policy/requires/labels/zone", "put it in quotes", more: labels("zone: 1")),
        .film(.wrongFormat, "/policy/requires/labels/a b", "A-Z a-z", more: labels("a b: c")),
        .film(
            .tooMany, "/policy/requires/labels", "at most 16",
            more: labels((0..<17).map { "l\($0): x" }.joined(separator: ", "))),
        .film(.wrongType, "/metadata/a", "put it in quotes", more: "metadata: {a: 1}"),
        .film(.wrongFormat, "/metadata/a b", "is not a metadata key", more: "metadata: {\"a b\": x}"),
        .film(
            .tooMany, "/metadata", "at most 16",
            more: "metadata: {" + (0..<17).map { "k\($0): v" }.joined(separator: ",") + "}"),
        .film(.duplicate, "/labels/1", "remove it", more: "labels: [a, a]"),
        .film(.tooMany, "/labels", "at most 16", more: "labels: " + list((0..<17).map { "l\($0)" })),
    ]
}

@Suite struct SpecFaultTests {
    @Test(arguments: FaultCase.all)
    func `each mistake is one fault, at its place, with its cure`(fault: FaultCase) throws {
        let found = try #require(faults(try document(yaml: fault.yaml)))
        #expect(found.faults.map(\.pointer) == [fault.pointer], "\(found)")
        #expect(found.faults.first?.code == fault.code)
        #expect(found.faults.first?.detail.contains(fault.cure) == true, "\(found)")
    }

    /// These need a document that YAML cannot give, or are of the JSON reader.
    private static let elsewhere: Set<SpecFault.Code> = [.syntax, .tooLarge, .tooDeep, .duplicateKey]

    @Test func `every code has its test`() {
        #expect(Set(FaultCase.all.map(\.code)).union(Self.elsewhere) == Set(SpecFault.Code.allCases))
    }

    @Test func `codes are snake case and never change`() {
        for code in SpecFault.Code.allCases {
            #expect(code.rawValue.allSatisfy { $0.isLowercase || $0 == "_" })
        }
    }

    @Test func `a name that stands twice in a tree is refused wherever it is`() throws {
        let film: JSONValue = .object([("title", .string("T")), ("title", .string("U"))])
        let mara: (String, JSONValue) = ("mara", .object([("description", .string("x"))]))
        let found = faults(.object([("film", film), ("characters", .object([mara, mara])), ("shots", .array([]))]))
        #expect(
            found?.faults.filter { $0.code == .duplicateKey }.map(\.pointer) == ["/film/title", "/characters/mara"])
    }

    @Test func `a name cannot be both a character and a place`() throws {
        let found = faults(
            try document(
                yaml: """
                    film: {title: T}
                    characters: {pier: {description: x}}
                    places: {pier: {description: y}}
                    shots: [{id: a, duration: 4s, video: {prompt: x}}]
                    """))
        #expect(found?.faults.map(\.pointer) == ["/places/pier"])
        #expect(found?.faults.map(\.code) == [.duplicate])
    }

    @Test func `all faults are reported at once, and one mistake is one fault`() throws {
        let found = try #require(
            faults(
                try document(
                    yaml: """
                        film: {titel: T, fps: 23}
                        characters: {mara: {voice: slt}}
                        shots:
                          - {id: S1, duration: 4, video: {prompt: x, entities: [mara, bob]}, lipsync: yes, colour: red}
                          - {id: s2, duration: 0.51s, video: {prompt: x}, dialogue: [{by: mara, at: 99s}]}
                        policy: {attempts_max: 0}
                        """)))
        #expect(
            Set(found.faults.map { "\($0.pointer) \($0.code.rawValue)" }) == [
                "/policy/attempts_max out_of_range", "/film/titel unknown_field", "/film/title required",
                "/film/fps unknown_value", "/characters/mara/description required", "/shots/0/id wrong_format",
                "/shots/0/duration wrong_type", "/shots/0/video/entities/1 unknown_reference",
                "/shots/0/colour unknown_field", "/shots/0/lipsync lipsync_without_dialogue",
                "/shots/1/dialogue/0/line required",
            ])
        #expect(found.omitted == 0)
    }

    @Test func `a hundred faults are told, the rest is counted`() throws {
        let shots = (0..<250).map { JSONValue.object([("id", .string("s\($0)"))]) }
        let film: (String, JSONValue) = ("film", .object([("title", .string("T"))]))
        let found = try #require(faults(.object([film, ("shots", .array(shots))])))
        #expect(found.faults.count == SpecLimits.faultsMax)
        #expect(found.omitted == 400)
        #expect(found.description.hasSuffix("and 400 more"))
    }

    @Test func `a message repeats the document's text short and on one line`() throws {
        let name = "\u{1B}[31m" + String(repeating: "x", count: 100_000)
        let found = try #require(faults(.object([(name, .null)])))
        for fault in found.faults {
            #expect(fault.detail.utf8.count < 300)
            #expect(!fault.detail.unicodeScalars.contains { SpecFault.isControl($0) })
        }
    }

    @Test func `ten thousand and one shots are refused fast`() throws {
        let shot: JSONValue = .object([("id", .string("x")), ("what", .null)])
        let document: JSONValue = .object([
            ("film", .object([("title", .string("T"))])), ("shots", .array(Array(repeating: shot, count: 10_001))),
        ])
        var found: SpecFaults?
        let time = ContinuousClock().measure { found = faults(document) }
        #expect(found?.faults.map(\.code) == [.tooMany])
        #expect(found?.faults.first?.pointer == "/shots")
        #expect(time < .milliseconds(100))
    }

    @Test func `a film that needs too many tasks is refused`() throws {
        let effects = JSONValue.array(Array(repeating: .object([("prompt", .string("gull"))]), count: 64))
        let shots = (0..<800).map { number in
            JSONValue.object([
                ("id", .string("s\(number)")), ("duration", .string("1s")), ("effects", effects),
                ("video", .object([("prompt", .string("x"))])),
            ])
        }
        let found = faults(.object([("film", .object([("title", .string("T"))])), ("shots", .array(shots))]))
        #expect(found?.faults.map(\.code) == [.tooMany])
        #expect(found?.faults.first?.detail.contains("52002 tasks") == true)
    }
}
