import Foundation
import Logging
import Testing

@testable import Telemetry

@Suite struct LogLineTests {
    private func line(_ message: String = "Task claimed", _ metadata: Logger.Metadata = [:]) -> LogLine {
        LogLine(
            time: Date(timeIntervalSince1970: 0), level: .info, service: "worker-hub", label: "claims",
            message: message, metadata: metadata)
    }

    @Test func `text is one readable line`() {
        let text = line("Task claimed", ["task": "t1", "detail": "two words"]).written(as: .text)
        #expect(
            text == """
                1970-01-01T00:00:00.000Z INFO worker-hub claims: Task claimed detail="two words" task=t1

                """)
    }

    @Test func `JSON is one object a line, whatever the values hold`() throws {
        let metadata: Logger.Metadata = [
            "quote": "a\"b\\c\nd\u{1}", "list": ["x", "y"], "nested": ["k": "v"], "number": .stringConvertible(7),
        ]
        let text = line("Odd \"message\"", metadata).written(as: .json)
        #expect(text.count { $0 == "\n" } == 1)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(object["message"] as? String == "Odd \"message\"")
        #expect(object["level"] as? String == "info")
        #expect(object["service"] as? String == "worker-hub")
        let read = try #require(object["metadata"] as? [String: Any])
        #expect(read["quote"] as? String == "a\"b\\c\nd\u{1}")
        #expect(read["list"] as? [String] == ["x", "y"])
        #expect(read["nested"] as? [String: String] == ["k": "v"])
        #expect(read["number"] as? String == "7")
    }

    @Test func `a value cannot forge a line of text`() {
        let text = line("Hello", ["name": "x\n1970 ERROR forged"]).written(as: .text)
        #expect(text.count { $0 == "\n" } == 1)
    }

    @Test(arguments: LogFormat.allCases)
    func `secrets are taken out by key, also in nested fields`(format: LogFormat) {
        let text = line(
            "Started",
            [
                "worker_token": "hunter2", "S3.SecretKey": "hunter2", "Authorization": "Bearer hunter2",
                "config": ["db_password": "hunter2"], "signatures": ["hunter2"],
            ]
        ).written(as: format)
        #expect(!text.contains("hunter2"))
        #expect(text.contains(Redaction.mark))
    }

    @Test(arguments: [
        (
            "PUT https://s3/b/k?X-Amz-Credential=AKIA%2Fx&x-amz-signature=abc123&part=1",
            "PUT https://s3/b/k?X-Amz-Credential=[redacted]&x-amz-signature=[redacted]&part=1"
        ),
        ("postgres://studio:hunter2@db:5432/x", "postgres://studio:[redacted]@db:5432/x"),
        ("sent Authorization: Bearer abc.def to hub", "sent Authorization: Bearer [redacted] to hub"),
        ("http://host:80/a@b", "http://host:80/a@b"), ("nothing here", "nothing here"),
        ("X-Amz-Signature=", "X-Amz-Signature="), ("x-amz-", "x-amz-"),
    ])
    func `secrets are taken out of texts`(text: String, expected: String) {
        #expect(Redaction.text(text) == expected)
        #expect(line("m", ["url": .string(text)]).metadata["url"]?.description == expected)
    }
}
