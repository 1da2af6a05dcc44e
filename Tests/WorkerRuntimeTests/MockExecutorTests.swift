import Foundation
import ProgramSettings
import StudioCore
import SystemPackage
import Testing
import WorkerRuntime

@Suite(.timeLimit(.minutes(3)))
struct MockExecutorTests {
    private func executor(
        speed: Double = 0, load: Duration = .zero, faults: String = ""
    ) throws -> MockExecutor {
        var settings = MockSettings()
        settings.speed = speed
        settings.load = load
        settings.faults = try MockFaults(faults)
        return try MockExecutor(settings)
    }

    private var effect: TaskSpec { .effect(.init(prompt: "bell", samples: 4_800, seed: 1, sampleRate: 48_000)) }

    @Test func `every kind of task but compose is done, with the outputs it declares`() async throws {
        let bench = try MockBench()
        let executor = try executor()
        let prompts = PromptsSpec(
            title: "t", style: "noir", seed: 4,
            shots: [.init(shot: "s1", prompt: "A door.", entities: [.init(name: "Mara", description: "grey braid")])])
        let specs: [TaskSpec] = [
            bench.video(frames: 6), effect, .prompts(prompts), .noop(.init(sleepMilliseconds: 1)),
            .speech(.init(line: "Hello", voice: "x", language: "en", seed: 1, sampleRate: 48_000)),
            .music(.init(prompt: "", samples: 4_800, seed: 1, sampleRate: 48_000)),
        ]
        for spec in specs {
            let files = try await bench.execute(executor, spec)
            #expect(files.map(\.name) == spec.outputs.map(\.name))
            #expect(files.map(\.contentType) == spec.outputs.map(\.contentType))
        }
        let timeline = Timeline(
            profile: bench.profile, frames: 1, segments: [], speech: [], effects: [], music: [])
        let failure = await #expect(throws: TaskFailure.self) {
            _ = try await bench.execute(executor, .compose(.init(title: "t", timeline: timeline)))
        }
        #expect(failure?.code == "wrong_kind")
    }

    @Test func `expanded prompts keep the prompt and are the same every time`() async throws {
        let bench = try MockBench()
        let shots = ["s1", "s2"].map {
            PromptsSpec.Shot(shot: $0, prompt: "A door.", entities: [.init(name: "Mara", description: "grey braid")])
        }
        let spec = TaskSpec.prompts(.init(title: "t", style: "noir", seed: 4, shots: shots))
        func prompts() async throws -> [String: String] {
            let files = try await bench.execute(MockPromptsExecutor(), spec)
            return try JSONDecoder().decode(
                [String: String].self, from: Data(contentsOf: URL(filePath: files[0].path.string)))
        }
        let made = try await prompts()
        #expect(made.keys.sorted() == ["s1", "s2"])
        #expect(made["s1"]?.hasPrefix("A door; ") == true)
        #expect(made["s1"]?.contains("Mara: grey braid; noir.") == true)
        #expect(made["s1"] != made["s2"])
        #expect(try await prompts() == made)
    }

    @Test func `a speed makes a task take its time`() async throws {
        let bench = try MockBench()
        let clock = ContinuousClock()
        let start = clock.now
        _ = try await bench.execute(try executor(speed: 2), effect)
        #expect(clock.now - start >= .seconds(1))
    }

    @Test func `a model is loaded when another one was used last, and that takes its time`() async throws {
        let bench = try MockBench()
        let load = Duration.milliseconds(200)
        let executor = try executor(load: load)
        let clock = ContinuousClock()
        let music = TaskSpec.music(.init(prompt: "", samples: 4_800, seed: 1, sampleRate: 48_000))
        for (spec, isLoaded) in [(effect, true), (effect, false), (music, true), (effect, true)] {
            let phases = Box<[String]>([])
            let start = clock.now
            _ = try await executor.execute(
                try bench.assignment(spec),
                report: ProgressReporter { progress in
                    if phases.value.last != progress.phase { phases.change { $0.append(progress.phase) } }
                })
            #expect(phases.value == (isLoaded ? ["loading_model"] : []) + ["sampling"])
            if isLoaded { #expect(clock.now - start >= load) }
        }
        let noop = TaskSpec.noop(.init(sleepMilliseconds: 0))
        _ = try await executor.execute(
            try bench.assignment(noop), report: ProgressReporter { Issue.record("\($0.phase)") })
        #expect(executor.progress(on: effect) == .steady && executor.progress(on: noop) == .none)
    }

    @Test func `chosen attempts fail, want memory, or are damaged`() async throws {
        let bench = try MockBench()
        let failure = await #expect(throws: TaskFailure.self) {
            _ = try await bench.execute(try executor(faults: "fail=100%"), effect)
        }
        #expect(failure?.errorClass == .temporary)
        let memory = await #expect(throws: TaskFailure.self) {
            _ = try await bench.execute(try executor(faults: "oom=100%"), effect)
        }
        #expect(memory?.errorClass == .resource)
        let whole = try await bench.execute(try executor(), effect)
        let spoilt = try await bench.execute(try executor(faults: "corrupt=100%"), effect)
        func size(_ files: [ProducedFile]) throws -> Int {
            try Data(contentsOf: URL(filePath: files[0].path.string)).count
        }
        #expect(try size(spoilt) < size(whole))
        #expect(try size(try await bench.execute(try executor(faults: "empty=100%"), effect)) == 0)
    }

    @Test(arguments: ["hang=100%", "latency=60s"])
    func `an attempt that hangs or waits stops at once when it is cancelled`(_ faults: String) async throws {
        let bench = try MockBench()
        let assignment = try bench.assignment(effect)
        let executor = try executor(faults: faults)
        let task = Task { try await executor.execute(assignment, report: ProgressReporter { _ in }) }
        let clock = ContinuousClock()
        let start = clock.now
        task.cancel()
        await #expect(throws: CancellationError.self) { _ = try await task.value }
        #expect(clock.now - start < .seconds(30))
    }

    @Test func `cancelling a shot kills its ffmpeg`() async throws {
        let bench = try MockBench()
        // Half an hour of film: it cannot be done before it is cancelled.
        let assignment = try bench.assignment(bench.video(frames: 43_200))
        let executor = try executor()
        let directory = assignment.directory.string
        let task = Task { try await executor.execute(assignment, report: ProgressReporter { _ in }) }
        for _ in 0..<6_000 where children(in: directory) == 0 { try await Task.sleep(for: .milliseconds(10)) }
        #expect(children(in: directory) == 1)
        let clock = ContinuousClock()
        let start = clock.now
        task.cancel()
        await #expect(throws: CancellationError.self) { _ = try await task.value }
        #expect(clock.now - start < .seconds(30))
        #expect(children(in: directory) == 0)
    }

    /// Processes that work in `directory`.
    private func children(in directory: String) -> Int {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return all.filter { entry in
            Int(entry) != nil
                && (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(entry)/cwd")) == directory
        }.count
    }
}
