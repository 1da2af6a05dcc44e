import AMQP
import Foundation
import ObjectStore
import StudioCore
import StudioProto
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

    @Test func `an upload that fails again and again is a temporary failure`() async throws {
        let bench = try Bench()
        bench.transfers.failing { _, _ in throw ObjectStoreError(.unreachable, "gone") }
        try await bench.run {
            async let disposition = bench.deliver()
            try await bench.advancing(by: .milliseconds(100), until: "a report") { !bench.publisher.taken.isEmpty }
            #expect(await disposition == .accept)
            #expect(bench.hub.grantCalls == AttemptUploads.roundsMax)
            #expect(bench.publisher.taken.first?.failed.code == "upload_failed")
            #expect(bench.publisher.taken.first?.failed.errorClass == "temporary")
        }
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
