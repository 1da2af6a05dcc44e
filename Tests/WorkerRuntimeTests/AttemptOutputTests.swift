import AMQP
import Foundation
import StudioCore
import StudioProto
import SystemPackage
import Testing

@testable import WorkerRuntime

@Suite(.timeLimit(.minutes(2))) struct AttemptOutputTests {
    /// What the worker reports when its executor makes `content`.
    private func report(_ content: Data, spec: TaskSpec = .noise) async throws -> (report: WireTaskEvent, uploads: Int)
    {
        let bench = try Bench(
            executor: FakeExecutor { assignment, _ in try assignment.makeOutputs(content) }, spec: spec)
        let reports = Box<[WireTaskEvent]>([])
        try await bench.run {
            #expect(await bench.deliver() == .accept)
            reports.change { $0 += bench.publisher.taken }
        }
        return (try #require(reports.value.first), bench.hub.grantCalls)
    }

    @Test(arguments: [
        (Data(), "output_empty"), (Data(count: 51), "output_empty"), (.flac(samples: 47_993), "output_too_short"),
        (.flac(samples: 24_000), "output_too_short"), (.flac(samples: 48_000, rate: 96_000), "output_too_short"),
        (.flac(samples: 44_093, rate: 44_100), "output_too_short"), (.flac().dropLast(), "output_unreadable"),
        (Data(repeating: 7, count: 64), "output_unreadable"),
    ])
    func
        `what is empty, too short, cut off or no sound at all is a temporary failure, whatever the executor says of it`(
            content: Data, code: String
        ) async throws
    {
        let (report, uploads) = try await report(content)
        #expect(report.failed.code == code && report.failed.errorClass == "temporary", "\(report)")
        #expect(report.failed.detail.contains("music.flac"))
        #expect(uploads == 0, "nothing of it is to be uploaded")
    }

    @Test(arguments: [
        (50_000, 48_000, 50_000), (44_100, 44_100, 48_000), (24_000, 24_000, 48_000), (60_000, 44_100, 65_307),
        // Ends between two of its own samples.
        (7_999, 8_000, 47_994),
    ])
    func `what is measured goes before what the executor says, and counts at the rate that was asked for`(
        samples: Int, rate: Int, measured: Int64
    ) async throws {
        let (report, _) = try await report(.flac(samples: samples, rate: rate))
        #expect(report.completed.artifacts.first?.media.samples == measured, "\(report)")
    }

    private static let prompts = TaskSpec.prompts(
        PromptsSpec(
            title: "", style: "", seed: 1,
            shots: ["s1", "s2"].map { PromptsSpec.Shot(shot: $0, prompt: "A door.", entities: []) }))

    @Test(arguments: [
        ("Certainly! Here are the prompts that you asked for.", "output_unreadable"),
        (#"["a door at night", "a window at dawn"]"#, "output_unreadable"),
        (#"{"s1": {"prompt": "a door"}, "s2": {"prompt": "a window"}}"#, "output_unreadable"),
        (#"{"s1": "a door at night", "s2": "a wind"#, "output_unreadable"),
        (#"{"s1": "a door at night", "shot 2": "a window"}"#, "output_too_short"),
        (#"{"s1": "a door at night", "s2": ""}"#, "output_too_short"),
        (#"{"title": "two prompts for shots"}"#, "output_empty"),
        (#"{"s1": "a door at night", "s2": "a window", "s3": ""}"#, ""),
    ])
    func `prompts are a text for each shot, or a temporary failure`(content: String, code: String) async throws {
        let (report, uploads) = try await report(Data(content.utf8), spec: Self.prompts)
        #expect(report.failed.code == code, "\(report)")
        #expect(report.failed.errorClass == (code.isEmpty ? "" : "temporary"))
        #expect((uploads == 0) == !code.isEmpty)
    }

    @Test func `a shot is measured, and refused when it is cut off`() async throws {
        let bench = try MockBench()
        let spec = bench.video(frames: 6)
        let files = try await bench.execute(MockVideoExecutor(bench.tool), spec)
        let made = try #require(files.first)
        let silent = ProducedFile(
            name: made.name, path: made.path, contentType: made.contentType, media: MediaFacts(frames: 99))
        let floor = try #require(OutputFloor.table(of: spec)[made.name])
        #expect(try OutputProbe.measure(silent, floor).media == MediaFacts(frames: 6, width: 320, height: 180))
        let content = try Data(contentsOf: URL(filePath: made.path.string))
        try content.dropLast().write(to: URL(filePath: made.path.string))
        let failure = #expect(throws: TaskFailure.self) { try OutputProbe.measure(made, floor) }
        #expect(failure?.code == "output_unreadable" && failure?.errorClass == .temporary)
    }
}
