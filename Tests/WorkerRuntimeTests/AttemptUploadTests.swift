import AMQP
import Foundation
import ObjectStore
import StudioCore
import StudioProto
import SystemPackage
import Testing

@testable import WorkerRuntime

@Suite struct AttemptUploadTests {
    @Test func `an upload that fails is tried again under new grants`() async throws {
        let bench = try Bench()
        bench.transfers.failing { _, call in
            if call == 1 { throw ObjectStoreError(.expired, "too late") }
        }
        try await bench.run {
            async let disposition = bench.deliver()
            try await bench.advancing(by: .milliseconds(100), until: "new grants") { bench.hub.grantCalls == 2 }
            #expect(await disposition == .accept)
            #expect(bench.publisher.taken.first?.completed.artifacts.count == 1)
        }
    }

    @Test func `an upload that a store refuses again and again is a temporary failure`() async throws {
        let bench = try Bench()
        bench.transfers.failing { _, _ in throw ObjectStoreError(.denied, "no right to write") }
        try await bench.run {
            async let disposition = bench.deliver()
            try await bench.advancing(by: .milliseconds(100), until: "a report") { !bench.publisher.taken.isEmpty }
            #expect(await disposition == .accept)
            #expect(bench.hub.grantCalls == AttemptUploads.roundsMax)
            #expect(bench.publisher.taken.first?.failed.code == "upload_failed")
            #expect(bench.publisher.taken.first?.failed.errorClass == "temporary")
        }
    }

    @Test func `what was made outlasts a store that is away`() async throws {
        let bench = try Bench(lease: Self.longLease)
        bench.transfers.failing { _, call in
            if call <= Self.failures { throw ObjectStoreError(.unreachable, "gone") }
        }
        try await bench.uploads(afterGrants: Self.failures + 1)
    }

    @Test func `what was made outlasts a hub that is being started again`() async throws {
        let bench = try Bench(lease: Self.longLease)
        bench.hub.answerUploads { file, call in
            if call <= Self.failures { throw HubError(.unavailable, "connection refused") }
            return .single(.fake(file.name))
        }
        try await bench.uploads(afterGrants: Self.failures + 1)
    }

    /// More than would be tried of what hub or store refuse.
    private static let failures = 3 * AttemptUploads.roundsMax
    private static let longLease: Duration = .seconds(120)

    @Test func `an upload does not wait for ever`() async throws {
        let clock = FakeClock()
        let transfers = FakeTransfers()
        transfers.failing { _, _ in throw ObjectStoreError(.unreachable, "gone") }
        let grant = Grant(
            name: AttemptName(task: TaskID(), attempt: 1), lease: .seconds(1), token: "token", spec: .success(.noise),
            inputs: [], limit: .seconds(1))
        let uploads = AttemptUploads(
            grant: grant, hub: FakeHub { _, _ in .stale }, transfers: transfers, clock: clock)
        let source = AttemptUploads.Source(
            path: "/nowhere", declaration: UploadDeclaration(name: "a", contentType: "a/b", size: 1, sha256: ""))
        let isOver = Box(false)
        let upload = Task {
            defer { isOver.value = true }
            try await uploads.run([source]) {}
        }
        try await eventually("it is given up") {
            clock.advance(by: .seconds(5))
            return isOver.value
        }
        await #expect(throws: ObjectStoreError.self) { try await upload.value }
        #expect(clock.now >= AttemptUploads.patience)
    }

    @Test func `an upload of an attempt that is over ends in silence`() async throws {
        let bench = try Bench()
        bench.hub.answerUploads { _, _ in throw HubError(.fenced, "a newer attempt exists") }
        try await bench.run {
            #expect(await bench.deliver() == .accept)
            #expect(bench.hub.grantCalls == 1)
            #expect(bench.publisher.tries == 0)
        }
    }

    @Test func `an upload that meets the cancel of its task ends as canceled, before anybody has been told`()
        async throws
    {
        let bench = try Bench()
        bench.hub.answerUploads { _, _ in throw HubError(.canceled, "the task is canceled") }
        try await bench.run {
            #expect(await bench.deliver() == .accept)
            #expect(bench.hub.grantCalls == 1)
            #expect(bench.publisher.results == [.canceled(WireCanceled())])
        }
    }

    @Test func `a large file goes in parts, which are joined in order`() async throws {
        let bench = try Bench()
        bench.hub.answerUploads { _, _ in
            .multipart(uploadID: "u", partSize: 24, parts: (1...3).map { .fake("part\($0)") })
        }
        try await bench.run {
            #expect(await bench.deliver() == .accept)
            #expect(bench.hub.completions == [["etag-0..<24", "etag-24..<48", "etag-48..<64"]])
            #expect(bench.transfers.stored["http://store.test/part2"] == Data(Data.flac()[24..<48]))
        }
    }

    @Test func `parts that do not cover the file are not sent`() async throws {
        let bench = try Bench()
        bench.hub.answerUploads { _, _ in .multipart(uploadID: "u", partSize: 4, parts: [.fake("part1")]) }
        try await bench.run {
            #expect(await bench.deliver() == .accept)
            #expect(bench.publisher.taken.first?.failed.code == "upload_failed")
            #expect(bench.transfers.stored.isEmpty)
        }
    }
}

extension Bench {
    /// Makes an attempt whose upload succeeds with the grants of this call.
    fileprivate func uploads(afterGrants calls: Int) async throws {
        try await run {
            async let disposition = deliver()
            try await advancing(until: "a report") { !publisher.taken.isEmpty }
            #expect(await disposition == .accept)
            #expect(hub.grantCalls == calls)
            #expect(publisher.taken.first?.completed.artifacts.count == 1)
        }
    }
}
