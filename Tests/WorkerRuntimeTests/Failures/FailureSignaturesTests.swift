import StudioCore
import Testing

@testable import WorkerRuntime

@Suite struct FailureSignaturesTests {
    /// What services really say, as far as it was seen.
    struct Case: Sendable, CustomTestStringConvertible {
        let symptom: FailureSymptom
        let code: String
        let errorClass: ErrorClass
        var isEndpointDown = false
        var retryAfter: Double?

        var testDescription: String { "\(symptom.service.rawValue) \(symptom)" }
    }

    static let cases: [Case] = [
        Case(
            symptom: FailureSymptom(
                .comfyui,
                text: #"{"exception_type":"torch.OutOfMemoryError","exception_message":"Allocation on device"}"#),
            code: "out_of_memory", errorClass: .resource),
        Case(
            symptom: FailureSymptom(.speech, httpStatus: 500, text: "CUDA error: out of memory"),
            code: "out_of_memory", errorClass: .resource),
        Case(
            symptom: FailureSymptom(
                .comfyui, httpStatus: 400,
                text: #"{"error":{"type":"prompt_outputs_failed_validation"},"#
                    + #""node_errors":{"1":{"errors":[{"type":"value_not_in_list","details":"ckpt_name: 'x'"}]}}}"#
            ),
            code: "model_missing", errorClass: .resource),
        Case(
            symptom: FailureSymptom(
                .comfyui, httpStatus: 400,
                text: #"{"error":{"type":"missing_node_type","extra_info":{"class_type":"Nope"}},"node_errors":{}}"#),
            code: "node_missing", errorClass: .resource),
        Case(
            symptom: FailureSymptom(
                .comfyui, httpStatus: 400,
                text:
                    #"{"error":{"type":"prompt_outputs_failed_validation","message":"Prompt outputs failed"},"#
                    + #""node_errors":{"1":{"errors":[{"type":"value_smaller_than_min","details":"width"}]}}}"#),
            code: "invalid_workflow", errorClass: .userError),
        Case(
            symptom: FailureSymptom(.comfyui, text: "CUDA error: an illegal memory access was encountered"),
            code: "gpu_context_lost", errorClass: .resource, isEndpointDown: true),
        Case(
            symptom: FailureSymptom(.comfyui, condition: .hung, text: "queue_remaining 3, queue_running empty"),
            code: "endpoint_hung", errorClass: .temporary, isEndpointDown: true, retryAfter: 30),
        Case(
            symptom: FailureSymptom(.chat, condition: .unreachable, text: "connection refused"),
            code: "endpoint_down", errorClass: .temporary, isEndpointDown: true, retryAfter: 30),
        Case(
            symptom: FailureSymptom(.chat, httpStatus: 503, text: "EngineDeadError"),
            code: "gpu_context_lost", errorClass: .resource, isEndpointDown: true),
        Case(
            symptom: FailureSymptom(.speech, httpStatus: 502), code: "endpoint_down", errorClass: .temporary,
            isEndpointDown: true, retryAfter: 30),
        Case(
            symptom: FailureSymptom(
                .chat, httpStatus: 429, text: #"{"error":{"code":"insufficient_quota"}}"#, retryAfterSeconds: 7),
            code: "quota_spent", errorClass: .billing, isEndpointDown: true, retryAfter: 7),
        Case(
            symptom: FailureSymptom(.chat, httpStatus: 429, text: "slow down", retryAfterSeconds: 7),
            code: "rate_limited", errorClass: .rateLimit, retryAfter: 7),
        Case(
            symptom: FailureSymptom(.chat, httpStatus: 429), code: "rate_limited", errorClass: .rateLimit,
            retryAfter: 60),
        Case(
            symptom: FailureSymptom(.chat, httpStatus: 401, text: "Incorrect API key provided"),
            code: "key_refused", errorClass: .billing, isEndpointDown: true),
        Case(
            symptom: FailureSymptom(
                .chat, httpStatus: 400, text: "This model's maximum context length is 4096 tokens."),
            code: "prompt_too_long", errorClass: .userError),
        Case(
            symptom: FailureSymptom(
                .chat, httpStatus: 404,
                text: #"{"error":{"message":"The model `x` does not exist","type":"NotFoundError"}}"#),
            code: "model_missing", errorClass: .resource),
        Case(
            symptom: FailureSymptom(.speech, httpStatus: 400, text: #"{"detail":{"error":"validation_error"}}"#),
            code: "request_refused", errorClass: .userError),
        Case(
            symptom: FailureSymptom(.gpu, text: "NVRM: Xid (PCI:0000:65:00): 79, pid='<unknown>', GPU has fallen"),
            code: "gpu_lost", errorClass: .resource, isEndpointDown: true),
        Case(
            symptom: FailureSymptom(.gpu, text: "NVRM: Xid (PCI:0000:65:00): 48"),
            code: "gpu_reset_needed", errorClass: .resource, isEndpointDown: true),
        Case(
            symptom: FailureSymptom(.gpu, text: "Xid (PCI:0000:65:00): 13, Graphics SM Warp Exception"),
            code: "gpu_application_fault", errorClass: .temporary),
        Case(
            symptom: FailureSymptom(.gpu, text: "NVRM: Xid (PCI:0000:65:00): 136, what"),
            code: "gpu_unknown_xid", errorClass: .resource, isEndpointDown: true),
        Case(
            symptom: FailureSymptom(.command, exitStatus: 1, text: "write: No space left on device"),
            code: TaskFailure.diskFullCode, errorClass: .resource),
        Case(
            symptom: FailureSymptom(.command, signal: 9), code: "killed_for_memory", errorClass: .resource),
        Case(
            symptom: FailureSymptom(.command, exitStatus: 65, text: "bad prompt"),
            code: "input_refused", errorClass: .userError),
        Case(
            symptom: FailureSymptom(.command, exitStatus: 127, text: "sh: 1: ffmpeg: not found"),
            code: "command_misconfigured", errorClass: .resource, isEndpointDown: true),
        // What a program logs on its way goes not before what it says with its exit status.
        Case(
            symptom: FailureSymptom(
                .command, exitStatus: 65, text: "Ran out of memory when regular VAE decoding, retrying with tiled VAE"),
            code: "input_refused", errorClass: .userError),
        Case(
            symptom: FailureSymptom(.command, exitStatus: 64, text: "curl: (7) Connection refused, will retry"),
            code: "input_refused", errorClass: .userError),
        Case(
            symptom: FailureSymptom(.command, exitStatus: 69, text: "No space left on device"),
            code: "endpoint_down", errorClass: .temporary, isEndpointDown: true, retryAfter: 30),
        Case(
            symptom: FailureSymptom(.command, exitStatus: 75, text: "429 Too Many Requests", retryAfterSeconds: 9),
            code: "try_again", errorClass: .temporary, retryAfter: 9),
        Case(
            symptom: FailureSymptom(.command, exitStatus: 78, text: "not enough memory"),
            code: "command_misconfigured", errorClass: .resource, isEndpointDown: true),
        Case(
            symptom: FailureSymptom(.command, exitStatus: 7, text: "curl: (7) Connection refused"),
            code: "endpoint_down", errorClass: .temporary, isEndpointDown: true, retryAfter: 30),
        Case(
            symptom: FailureSymptom(.command, condition: .hung), code: "command_hung", errorClass: .temporary),
        Case(
            symptom: FailureSymptom(.command, exitStatus: 3, text: "it broke"),
            code: FailureSignatures.unknownCode, errorClass: .temporary),
        Case(
            symptom: FailureSymptom(.mock, condition: .unreachable), code: "endpoint_down", errorClass: .temporary,
            isEndpointDown: true, retryAfter: 30),
    ]

    @Test(arguments: cases) func `the built-in table knows what services say`(_ expected: Case) throws {
        let diagnosis = try FailureSignatures.standard().diagnose(expected.symptom)
        #expect(diagnosis.failure.code == expected.code)
        #expect(diagnosis.failure.errorClass == expected.errorClass)
        #expect(diagnosis.isEndpointDown == expected.isEndpointDown)
        #expect(diagnosis.failure.retryAfterSeconds == expected.retryAfter)
        let said = expected.symptom.text.prefix(20)
        #expect(said.isEmpty || diagnosis.failure.detail.contains(said))
    }

    @Test func `every rule of the built-in table can be the one that matches`() throws {
        let table = try FailureSignatures.standard()
        for rule in table.rules {
            let look = rule.appearance
            // A text that holds all the words asked for; patterns have cases of their own above.
            guard look.patterns == nil else { continue }
            let symptoms = (look.services ?? Set(ServiceKind.allCases)).map { service in
                FailureSymptom(
                    service, condition: look.conditions?.first, httpStatus: look.httpStatuses?.last?.upperBound,
                    exitStatus: look.exitStatuses?.first, signal: look.signals?.first, text: look.texts?.last ?? "")
            }
            #expect(symptoms.contains { table.diagnose($0).rule == rule.name }, "\(rule.name) is hidden by others")
        }
    }

    @Test func `the first rule that matches counts, and all that it asks for`() throws {
        let table = try Self.table(
            #"{"http_status": "5xx", "text": "busy"}"#, #"{"text": ["busy", "idle"]}"#, #"{"exit_status": [1, 2]}"#)
        func rule(_ symptom: FailureSymptom) -> String? { table.diagnose(symptom).rule }
        #expect(rule(FailureSymptom(.chat, httpStatus: 503, text: "BUSY now")) == "rule_1")
        #expect(rule(FailureSymptom(.chat, httpStatus: 404, text: "busy")) == "rule_2")
        #expect(rule(FailureSymptom(.chat, httpStatus: 503, text: "idle")) == "rule_2")
        #expect(rule(FailureSymptom(.command, exitStatus: 2)) == "rule_3")
        #expect(rule(FailureSymptom(.chat, httpStatus: 503)) == nil)
    }

    @Test func `the first of any rules that match alone is the one that matches among all`() throws {
        let looks = [
            #"{"service": "chat"}"#, #"{"http_status": ["4xx", 503]}"#, #"{"exit_status": 1}"#, #"{"text": "memory"}"#,
            #"{"pattern": "a+b"}"#, #"{"condition": "hung"}"#, #"{"signal": 9, "service": "command"}"#,
        ]
        for seed in 1...300 as ClosedRange<UInt64> {
            var dice = MockDice(seed, "rules")
            let order = looks.indices.shuffled(using: &dice)
            let table = try Self.table(order.map { looks[$0] })
            let symptom = FailureSymptom(
                dice.pick(ServiceKind.allCases, else: .mock),
                condition: dice.pick([nil, .hung, .unreachable], else: nil),
                httpStatus: dice.pick([nil, 404, 503, 200], else: nil), exitStatus: dice.pick([nil, 1, 3], else: nil),
                signal: dice.pick([nil, 9], else: nil), text: dice.pick(["", "no Memory", "xAAB"], else: ""))
            let alone = try order.firstIndex { try Self.table([looks[$0]]).diagnose(symptom).rule != nil }
            #expect(table.diagnose(symptom).rule == alone.map { "rule_\($0 + 1)" }, "seed \(seed): \(symptom)")
        }
    }

    @Test func `what no rule matches is temporary, with what was said, bounded`() throws {
        let text = "first " + String(repeating: "x", count: 1 << 20) + " last"
        let symptom = FailureSymptom(.command, exitStatus: 3, text: text)
        #expect(symptom.text.utf8.count <= FailureSymptom.textBytesMax)
        #expect(symptom.text.hasPrefix("first ") && symptom.text.hasSuffix(" last"))
        let failure = try FailureSignatures.standard().diagnose(symptom).failure
        #expect(failure.errorClass == .temporary)
        #expect(failure.code == "unknown_failure")
        #expect(failure.detail.hasPrefix("exit status 3: first xxx"))
        #expect(failure.detail.count <= TaskFailure.detailMax)
    }

    @Test(
        arguments: [
            (5.0, 5.0), (1e9, 3_600), (-1, 0), (.infinity, 60), (.nan, 60), (nil, 60),
        ] as [(Double?, Double?)])
    func `a delay that was asked for goes before the rule's, within bounds`(asked: Double?, delay: Double?) throws {
        let symptom = FailureSymptom(.chat, httpStatus: 429, retryAfterSeconds: asked)
        #expect(try FailureSignatures.standard().diagnose(symptom).failure.retryAfterSeconds == delay)
    }

    private static func table(_ looks: String...) throws -> FailureSignatures { try table(looks) }

    private static func table(_ looks: [String]) throws -> FailureSignatures {
        let rules = looks.enumerated().map { index, look in
            #"{"name": "rule_\#(index + 1)", "when": \#(look), "class": "temporary", "code": "c", "message": "m"}"#
        }
        return try FailureSignatures(json: Array(#"{"version": 1, "rules": [\#(rules.joined(separator: ","))]}"#.utf8))
    }
}
