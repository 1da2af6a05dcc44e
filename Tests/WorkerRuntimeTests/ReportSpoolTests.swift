import Foundation
import Logging
import StudioCore
import StudioProto
import SwiftProtobuf
import SystemPackage
import Testing

@testable import WorkerRuntime

@Suite struct ReportSpoolTests {
    private let root = FilePath(FileManager.default.temporaryDirectory.path).appending("spool-\(UUID().uuidString)")
    private let logger = {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }()

    private func report(_ result: AttemptResult = .handedBack) -> AttemptReport {
        AttemptReport(
            name: AttemptName(task: TaskID(), attempt: 2), worker: WorkerID(), token: "t", result: result,
            times: AttemptTimes())
    }

    private func spool(_ publisher: FakePublisher, _ clock: FakeClock = FakeClock()) throws -> ReportSpool {
        try ReportSpool(
            in: try WorkDirectory(root: root, logger: logger), publisher: publisher, clock: clock, logger: logger)
    }

    /// Runs a spool until `body` is done.
    private func running(_ spool: ReportSpool, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await spool.run() }
            defer { group.cancelAll() }
            try await body()
        }
    }

    private var files: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: root.appending("spool").string) }
    }

    @Test func `a report outlives the process that wrote it, and the next one sends it`() async throws {
        defer { try? FileManager.default.removeItem(atPath: root.string) }
        let report = report()
        do {
            let publisher = FakePublisher()
            publisher.become(.away)
            let spool = try spool(publisher)
            try await running(spool) {
                async let isTaken = spool.submit(report)
                try await eventually("a publish failed") { publisher.tries > 0 }
                spool.abandonWaiters()
                #expect(await !isTaken)
            }
        }
        #expect(try files == ["\(report.name).report"])

        let publisher = FakePublisher()
        let spool = try spool(publisher)
        try await running(spool) {
            try await eventually("the next start sends it") { publisher.taken.count == 1 }
            try await eventually("and forgets it") { try files.isEmpty && spool.pending == 0 }
        }
        #expect(publisher.taken.first?.taskID == report.name.task.description)
        #expect(publisher.taken.first?.attempt == 2)
    }

    @Test func `what was only half written is not sent`() async throws {
        defer { try? FileManager.default.removeItem(atPath: root.string) }
        let partial = root.appending("spool").appending("task_x-1.partial").string
        try FileManager.default.createDirectory(
            atPath: root.appending("spool").string, withIntermediateDirectories: true)
        try Data("half".utf8).write(to: URL(filePath: partial))
        let publisher = FakePublisher()
        let spool = try spool(publisher)
        try await running(spool) { #expect(await spool.submit(report())) }
        #expect(publisher.tries == 1)
        #expect(try files.isEmpty)
    }

    @Test func `failures and files are encoded whole`() throws {
        let file = UploadedFile(
            declaration: UploadDeclaration(
                name: "video.mp4", contentType: "video/mp4", size: 5, sha256: String(repeating: "ab", count: 32)),
            media: MediaFacts(frames: 24, width: 1920, height: 1080))
        let event = try WireTaskEvent(serializedBytes: try report(.completed([file])).encoded())
        #expect(event.completed.artifacts.first?.sha256 == Data(repeating: 0xAB, count: 32))
        #expect(event.completed.artifacts.first?.media.frames == 24)
        #expect(event.completed.artifacts.first?.media.hasSamples == false)
        #expect(event.workerID.hasPrefix("wkr_"))
    }
}
