import StudioCore
import Testing

@testable import studio

@Suite struct SpecFileTests {
    @Test func `the sample is a spec`() throws {
        let spec = try SpecFile(path: "film.yaml", text: SampleFilm.yaml).spec()
        #expect(spec.film?.shots.isEmpty == false)
    }

    @Test func `every fault is told with its line, its column and its pointer`() throws {
        let text = """
            film:
              title: T
              fps: 24
              colour: red
            shots:
              - id: s01
                duration: soon
                video: {prompt: p}
            """
        let file = try SpecFile(path: "film.yaml", text: text)
        let failure = #expect(throws: Failure.self) { try file.spec() }
        #expect(failure?.code == .error)
        #expect(failure?.message.contains("film.yaml:4:") == true)
        #expect(failure?.message.contains("/film/colour") == true)
        #expect(failure?.message.contains("film.yaml:7:") == true)
    }

    @Test func `a missing field is told where it should be`() throws {
        let file = try SpecFile(path: "f.yaml", text: "\nfilm:\n  fps: 24\nshots: []\n")
        #expect(file.place(of: JSONPointer("/film/title")).line == 3)
        #expect(file.place(of: JSONPointer("/film/fps")) == SpecFile.Place(line: 3, column: 8))
    }

    @Test(arguments: [
        ("no", JSONValue.string("no")), ("1:30", .string("1:30")), ("24", .int(24)), ("-3.5", .double(-3.5)),
        ("true", .bool(true)), ("yes", .string("yes")), ("\"24\"", .string("24")), ("~", .null),
        ("0x10", .string("0x10")),
        ("1.", .string("1.")), ("007", .string("007")), ("24000/1001", .string("24000/1001")),
        ("'true'", .string("true")),
    ])
    func `scalars are what JSON would take them for, all else is text`(text: String, value: JSONValue) throws {
        #expect(try SpecFile(path: "f.yaml", text: "a: \(text)").document["a"] == value)
    }

    @Test(arguments: ["a: [", "a: b: c", "\ta: 1", "a: 1\na: 2\n", "? [x]\n: y\n"])
    func `what is no document is told with its place`(text: String) {
        let failure = #expect(throws: Failure.self) { try SpecFile(path: "f.yaml", text: text) }
        #expect(failure?.message.contains("f.yaml:") == true)
    }

    @Test func `JSON is read as JSON`() throws {
        let file = try SpecFile(path: "f.json", text: "{\"noop\":\n {\"tasks\": 3}}")
        #expect(file.document["noop"]?["tasks"] == .int(3))
        #expect(file.place(of: JSONPointer("/noop/tasks")).line == 2)
        let failure = #expect(throws: Failure.self) { try SpecFile(path: "f.json", text: "{a: 1}") }
        #expect(failure?.message.contains("line 1") == true)
    }

    @Test func `a file that multiplies itself is refused`() {
        var text = "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n"
        for level in 1...7 {
            let item = "*a\(level - 1)"
            text += "a\(level): &a\(level) [\(Array(repeating: item, count: 10).joined(separator: ","))]\n"
        }
        let failure = #expect(throws: Failure.self) { try SpecFile(path: "f.yaml", text: text) }
        #expect(failure?.message.contains("too much") == true)
    }

    @Test func `a file that is not there is told with a cure`() {
        let failure = #expect(throws: Failure.self) { try SpecFile(path: "/nonexistent/film.yaml") }
        #expect(failure?.message.contains("studio init") == true)
    }
}
