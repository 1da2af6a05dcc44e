import StudioCore
import StudioStore
import Testing

@testable import WorkerHub

@Suite struct ReportFloorTests {
    private let spec = TaskSpec.effect(EffectSpec(prompt: "bell", samples: 4_800, seed: 1, sampleRate: 48_000))

    private func code(_ files: [ReportDecoder.File]) -> String? {
        ReportDecoder.Report(
            task: TaskID(), attempt: 1, worker: WorkerID(), outcome: .completed(files),
            times: TaskReport.Times(download: 0, compute: 0, upload: 0)
        ).failure(against: spec, files)?.code
    }

    private func file(size: Int64 = 9_644, samples: Int? = 4_800) -> ReportDecoder.File {
        ReportDecoder.File(
            name: "effect.wav", contentType: "audio/wav", size: size, sha256: [], media: MediaFacts(samples: samples))
    }

    @Test func `a sound made at a lower rate may end a sample of its own too early`() {
        // A tenth of a second at 8 kHz, cut to whole samples, counts so at 48 kHz.
        #expect(code([file(samples: 4_794)]) == nil)
    }

    @Test func `files that a task cannot have made are not taken for its outputs`() {
        #expect(code([file()]) == nil)
        #expect(code([file(size: 0)]) == "output_empty")
        #expect(code([file(samples: 4_793)]) == "output_too_short")
    }
}
