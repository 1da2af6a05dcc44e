import FoundationEssentials
import Testing

@testable import StudioCore

@Suite struct JSONValueTests {
    private func fault(_ text: String) -> SpecFault? {
        do throws(SpecFaults) {
            _ = try JSONValue(parsing: text)
            return nil
        } catch {
            return error.faults.first
        }
    }

    @Test func `a text becomes a tree that keeps the order of members`() throws {
        let value = try JSONValue(
            parsing: #" {"b": [1, -2.5e1, true, false, null], "a": {"x": "q\"\\\/\b\f\n\r\tA\ud83d\ude00é"}} "#)
        #expect(
            value
                == .object([
                    ("b", .array([.int(1), .double(-25), .bool(true), .bool(false), .null])),
                    ("a", .object([("x", .string("q\"\\/\u{8}\u{c}\n\r\tA😀é"))])),
                ]))
        #expect(value["a"]?["x"] != nil)
        #expect(value["b"]?[0] == .int(1))
        #expect(value["b"]?[5] == nil)
        #expect(value["c"] == nil)
    }

    @Test(arguments: [
        "", " ", "{", "[", "[1,]", #"{"a":1,}"#, #"{"a" 1}"#, "{a:1}", "{'a':1}", "[1 2]", "01", "-", "+1", "1.", ".5",
        "1e", "1e+", "nul", "True", "NaN", "Infinity", "-Infinity", #"""#, #""\x""#, #""\u12""#, #""\u12g4""#,
        #""\ud800""#, #""\ud800x""#, #""\ud800\u0041""#, #""\udc00""#, "\"a\nb\"", "1 2", "[]]", "// no\n1",
        "\u{FEFF}1", "1e999", "[1", #"{"a":"#, #"{"a""#, #""\"#,
    ])
    func `what is not JSON is refused with its place`(text: String) throws {
        let found = fault(text)
        let fault = try #require(found)
        #expect(fault.code == .syntax)
        #expect(fault.detail.hasPrefix("line "))
    }

    @Test func `a fault names the line and the column in characters`() {
        #expect(fault("{\n  \"é\": nope\n}")?.detail.hasPrefix("line 2, column 8: ") == true)
        #expect(fault("[1,\n\n 2 3]")?.detail.hasPrefix("line 3, column 4: ") == true)
    }

    @Test func `bytes that are not UTF-8 are refused`() {
        #expect(throws: SpecFaults.self) { try JSONValue(parsing: [0x22, 0xFF, 0x22]) }
        #expect(throws: SpecFaults.self) { try JSONValue(parsing: [0x22, 0xED, 0xA0, 0x80, 0x22]) }
    }

    @Test func `a name that stands twice, a deep tree and a large text are refused`() {
        #expect(fault(#"{"a": {"b": 1, "b": 2}}"#)?.code == .duplicateKey)
        #expect(fault(String(repeating: "[", count: 32) + String(repeating: "]", count: 32)) == nil)
        #expect(fault(String(repeating: "[", count: 33) + String(repeating: "]", count: 33))?.code == .tooDeep)
        #expect(fault(String(repeating: "[", count: 1_000_000))?.code == .tooDeep)
        let limit = RunSpec.bytesMax
        #expect(fault("1" + String(repeating: " ", count: limit - 1)) == nil)
        #expect(fault("1" + String(repeating: " ", count: limit))?.code == .tooLarge)
    }

    @Test func `the canonical text sorts names and reads back`() throws {
        let value = try JSONValue(parsing: #"{"b":1.0,"a":[-0.5,1e300,"\u0001\n\"\\ü"],"":null}"#)
        #expect(value.canonicalText == #"{"":null,"a":[-0.5,1e+300,"\u0001\n\"\\ü"],"b":1}"#)
        #expect(try JSONValue(parsing: value.canonicalText).canonicalText == value.canonicalText)
        #expect(JSONValue.double(.nan).canonicalText == "null")
    }

    @Test func `whole numbers stay exact up to 64 bits`() throws {
        #expect(try JSONValue(parsing: "9223372036854775807") == .int(.max))
        #expect(try JSONValue(parsing: "-9223372036854775808") == .int(.min))
        #expect(try JSONValue(parsing: "9223372036854775808") == .double(0x1p63))
    }

    @Test(arguments: Seeds.all)
    func `a damaged text never crashes, and what is accepted is JSON to others too`(seed: UInt64) throws {
        var generator = SeededGenerator(seed)
        let original = Array(try RunSpec.parse(try sampleDocument()).canonicalJSON.utf8)
        let alphabet = Array("{}[],:\"\\u0019.eE+-tfn \n\u{1}é".utf8) + [0xFF, 0x80]
        for _ in 0..<20 {
            var bytes = original
            for _ in 0..<generator.integer(1...3) {
                let place = generator.integer(0...bytes.count - 1)
                switch generator.integer(1...3) {
                case 1: bytes.remove(at: place)
                case 2: bytes[place] = alphabet[generator.integer(0...alphabet.count - 1)]
                default: bytes.insert(alphabet[generator.integer(0...alphabet.count - 1)], at: place)
                }
            }
            guard let value = try? JSONValue(parsing: bytes) else { continue }
            #expect(throws: Never.self) { try JSONDecoder().decode(Anything.self, from: Data(bytes)) }
            _ = faults(value)
        }
    }

    @Test func `a pointer escapes names, and finds what it points to`() throws {
        let value = try JSONValue(parsing: #"{"a/b": {"m~n": [10, 20]}, "": 5, "01": 6}"#)
        let pointer = JSONPointer.root.appending("a/b").appending("m~n").appending(1)
        #expect(pointer.text == "/a~1b/m~0n/1")
        #expect(pointer.tokens == ["a/b", "m~n", "1"])
        #expect(value.value(at: pointer) == .int(20))
        #expect(value.value(at: pointer.parent) == .array([.int(10), .int(20)]))
        #expect(value.value(at: .root) == value)
        #expect(value.value(at: JSONPointer("/")) == .int(5))
        #expect(value.value(at: JSONPointer("/01")) == .int(6))
        #expect(JSONPointer.root.parent == .root)
        for wrong in ["a", "/a~1b/m~0n/01", "/a~1b/m~0n/2", "/a~1b/m~0n/-1", "/a~1b/m~0n/", "/a~2b", "/~", "/x"] {
            #expect(value.value(at: JSONPointer(wrong)) == nil, "\(wrong)")
        }
    }
}

/// Any JSON at all, as Foundation reads it.
private struct Anything: Decodable {
    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        if var list = try? decoder.unkeyedContainer() {
            while !list.isAtEnd { _ = try list.decode(Anything.self) }
        } else if let map = try? decoder.container(keyedBy: Name.self) {
            for key in map.allKeys { _ = try map.decode(Anything.self, forKey: key) }
        } else {
            let single = try decoder.singleValueContainer()
            guard
                single.decodeNil() || (try? single.decode(Bool.self)) != nil || (try? single.decode(String.self)) != nil
            else {
                _ = try single.decode(Double.self)
                return
            }
        }
    }
}
