import Foundation
import ProgramSettings
import Testing

@testable import WorkerRuntime

@Suite struct SignatureReaderTests {
    private static func faults(_ text: String) throws -> [String] {
        try #require(throws: SignatureFaults.self) { try FailureSignatures(json: Array(text.utf8)) }.lines
    }

    @Test func `all faults are told at once, each with its rule and field`() throws {
        let faults = try Self.faults(
            """
            {"version": 1, "rules": [
              {"name": "one", "when": {"text": "x"}, "class": "fenced", "code": "c", "message": "m",
               "endpoint_down": 1},
              {"name": "one", "when": {}, "class": "temporary", "code": "Bad Code", "message": "", "retry_after_s": -1},
              {"when": {"http_status": [200, 700, "6xx"], "pattern": "(a", "service": "comfy", "signal": [], "word": 1},
               "class": "resource", "code": "c", "message": "m"},
              7
            ]}
            """)
        #expect(
            faults == [
                #"rule 1 "one", field class, "fenced" is none of user_error, billing, rate_limit, temporary, "#
                    + "resource, poison",
                #"rule 1 "one", field endpoint_down, must be true or false"#,
                #"rule 2 "one", field name: stands twice"#,
                #"rule 2 "one", field when, is empty and would match everything: say what the failure looks like"#,
                #"rule 2 "one", field code, must be 1 to 64 of a-z 0-9 _"#,
                #"rule 2 "one", field message, must be a text of 1 to 500 bytes"#,
                #"rule 2 "one", field retry_after_s, -1 is no number in 0.0...3600.0"#,
                "rule 3, field name: is required",
                "rule 3, field when, field word: there is no such field, only service, condition, http_status, "
                    + "exit_status, signal, text, pattern",
                #"rule 3, field when, field service, "comfy" is none of comfyui, speech, chat, gpu, command, mock"#,
                "rule 3, field when, field http_status, 700 is no status: write 429, or \"5xx\"",
                #"rule 3, field when, field http_status, "6xx" is no status: write 429, or "5xx""#,
                "rule 3, field when, field signal, is empty: leave it out, or name one at least",
                #"rule 3, field when, field pattern, "(a" at character 3: "(" is not closed"#,
                "rule 4, must be a map of name, when, class, code, message, retry_after_s, endpoint_down",
                "rule 4, field name: is required", "rule 4, field when: is required",
                "rule 4, field class: is required",
                "rule 4, field code: is required", "rule 4, field message: is required",
            ])
    }

    @Test(arguments: [
        ("", "line 1, column 1"), ("[]", "the table, must be a map"), ("{}", "field version: must be 1"),
        (#"{"version": 2, "rules": []}"#, "field version: must be 1"),
        (#"{"version": 1, "rules": []}"#, "is empty"), (#"{"version": 1, "rules": 3}"#, "must be a list"),
    ])
    func `what is no table is refused`(text: String, problem: String) throws {
        #expect(try Self.faults(text).contains { $0.contains(problem) })
    }

    @Test func `a pattern that is found in everything is refused`() throws {
        for pattern in ["a*", #"\\s"#, "(|a)"] {
            let faults = try Self.faults(
                #"{"version": 1, "rules": [{"name": "n", "when": {"pattern": "\#(pattern)"}, "class": "temporary", "#
                    + #""code": "c", "message": "m"}]}"#)
            #expect(faults.count == 1 && faults[0].hasSuffix("is found in every text, even an empty one"))
        }
    }

    @Test func `a table that is too large is not read, and of many faults some are told`() throws {
        let blank = String(repeating: " ", count: FailureSignatures.bytesMax + 1)
        #expect(try Self.faults(blank).first?.contains("at most \(FailureSignatures.bytesMax)") == true)
        let rules = Array(repeating: "{}", count: FailureSignatures.rulesMax).joined(separator: ",")
        let faults = try Self.faults(#"{"version": 1, "rules": [\#(rules)]}"#)
        #expect(faults.count == SignatureFaults.faultsMax + 1)
        #expect(faults.last == "and \(FailureSignatures.rulesMax * 5 - SignatureFaults.faultsMax) more")
        let tooMany = try Self.faults(#"{"version": 1, "rules": [\#(rules),{}]}"#)
        #expect(tooMany == ["the table, field rules, must be a list of at most \(FailureSignatures.rulesMax)"])
    }

    @Test func `the table that FAILURE_SIGNATURES names replaces the built-in one`() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "signatures-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let values = ["FAILURE_SIGNATURES": path, "CIRCUIT_FAILURES": "5", "CIRCUIT_PAUSE_SECONDS": "2"]
        func read(_ table: String) throws -> EndpointConfiguration {
            try Data(table.utf8).write(to: URL(filePath: path))
            return try EndpointConfiguration(Settings { variable, _ in values[variable] }, name: "here")
        }
        let good = try read(
            #"{"version": 1, "rules": [{"name": "n", "when": {"text": "x"}, "class": "billing", "code": "c", "#
                + #""message": "m"}]}"#)
        #expect(good.signatures.rules.map(\.name) == ["n"])
        #expect(good.circuit.failuresMax == 5)
        #expect(good.circuit.firstPause == .seconds(2))
        #expect(good.summary.map(\.value) == ["\(path) (1 rules)", "5", "2", "300"])
        let faults = try #require(throws: SettingFaults.self) { try read(#"{"rules": [], "version": 2}"#) }
        #expect(
            faults.errors.map { "\($0)" } == [
                "FAILURE_SIGNATURES: \(path): the table, field version: must be 1",
                "FAILURE_SIGNATURES: \(path): the table, field rules: is empty: write one at least",
            ])
        #expect(try EndpointConfiguration(name: "x").signatures.rules.count > 30)
    }
}
