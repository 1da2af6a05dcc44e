import DevStack
import Postgres
import StudioClient
import StudioCore
import Testing

extension PipelineSuite {
    @Suite struct StormTests {
        private static let tasks = 300
        private static let pause = Duration.milliseconds(300)
        private static let length = Duration.seconds(6)

        @Test func `under a storm of killed workers no task is lost and none is done twice`() async throws {
            let names = ["noop-a", "noop-b", "noop-c"]
            let workers = names.map { PipelineWorker(name: $0, kinds: [.noop], slots: 4) }
            try await Pipeline.with(workers) { pipeline in
                let run = try await pipeline.submitNoop(Self.tasks, sleepMilliseconds: 150, attemptsMax: 10)
                var generator = SystemRandomNumberGenerator()
                var kills = 0
                let end = ContinuousClock.now + Self.length
                while ContinuousClock.now < end {
                    try await Task.sleep(for: Self.pause)
                    let name = names[Int.random(in: names.indices, using: &generator)]
                    if await pipeline.supervisor.kill(name) { kills += 1 }
                }
                #expect(kills >= 5)
                let record = try await pipeline.succeeded(run, within: .seconds(90))
                #expect(record.tasks[.succeeded] == Self.tasks)
                #expect(try await pipeline.attempts("succeeded") == Self.tasks)
                #expect(try await pipeline.attempts("expired") > 0, "nobody had to take anything over")
            }
        }
    }
}
