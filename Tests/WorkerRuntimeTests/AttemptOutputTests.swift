import AMQP
import Foundation
import StudioCore
import StudioProto
import Testing

@testable import WorkerRuntime

@Suite struct AttemptOutputTests {
    @Test(arguments: [
        (Data(), "output_empty"), (Data(count: 51), "output_empty"), (.flac(samples: 47_999), "output_too_short"),
        (Data(repeating: 7, count: 64), "output_unreadable"),
    ])
    func `what is empty, too short or no sound at all is a temporary failure, whatever the executor says of it`(
        content: Data, code: String
    ) async throws {
        let bench = try Bench(executor: FakeExecutor { assignment, _ in try assignment.makeOutputs(content) })
        try await bench.run {
            #expect(await bench.deliver() == .accept)
            let failed = try #require(bench.publisher.taken.first?.failed)
            #expect(failed.code == code && failed.errorClass == "temporary")
            #expect(failed.detail.contains("music.flac"))
            #expect(bench.hub.grantCalls == 0, "nothing of it is to be uploaded")
        }
    }

    @Test func `what is measured goes before what the executor says`() async throws {
        let bench = try Bench(
            executor: FakeExecutor { assignment, _ in try assignment.makeOutputs(.flac(samples: 50_000)) })
        try await bench.run {
            #expect(await bench.deliver() == .accept)
            #expect(bench.publisher.taken.first?.completed.artifacts.first?.media.samples == 50_000)
        }
    }
}
