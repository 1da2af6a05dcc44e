import Foundation
import Postgres
import StudioClient
import StudioCore
import SystemPackage

/// One run of chaos: load, faults, healing, and the judgement.
package struct ChaosRun: Sendable {
    private static let pollInterval = Duration.milliseconds(500)
    /// A task of ours takes no longer than this, its attempts' delays included, in seconds.
    private static let longestTask = 60.0

    let configuration: ChaosConfiguration
    let note: @Sendable (String) -> Void

    /// - Parameter note: is told of each step, in a line.
    package init(_ configuration: ChaosConfiguration, note: @escaping @Sendable (String) -> Void) {
        self.configuration = configuration
        self.note = note
    }

    /// Makes chaos, mends everything, stops everything, and says what came of it.
    package func run() async throws -> ChaosReport {
        guard configuration.seconds >= ChaosConfiguration.secondsMin else {
            throw ChaosError("chaos takes at least \(ChaosConfiguration.secondsMin) s")
        }
        note("seed \(configuration.seed): \(configuration.schedule.faults.count) faults planned")
        return try await ChaosStudio.with(configuration, note: note) { studio in
            let path = configuration.directory.appending("history.jsonl")
            let history = try History(file: path)
            let times = try await makeChaos(studio, history)
            try history.check()
            note("judging")
            return try await judge(studio, history, times)
        }
    }

    /// What was when.
    struct Times {
        var begin = Date()
        var faults = Date()
        var healed = Date()
        var end = Date()
        var quietAfter: Double?
        var records: [FaultRecord] = []
        var heldBack = 0
        var sampler: ProcessSampler
    }

    private func makeChaos(_ studio: ChaosStudio, _ history: History) async throws -> Times {
        let workload = Workload(studio, history: history)
        let injector = FaultInjector(studio, history: history, note: note)
        let sampler = ProcessSampler(studio)
        return try await withThrowingTaskGroup(of: Times?.self) { group in
            group.addTask {
                await sampler.run()
                return nil
            }
            group.addTask {
                async let load: Void = workload.run()
                var times = Times(sampler: sampler)
                note("load begins")
                try await Task.sleep(for: .seconds(configuration.calm))
                times.faults = Date()
                try await injector.run(configuration.schedule)
                times.healed = Date()
                note("everything is healed, load goes on")
                try await Task.sleep(for: .seconds(configuration.calm))
                times.end = Date()
                workload.stop()
                // A client that still waits for an answer may yet have a run done once more.
                await load
                note("load ends")
                times.quietAfter = try await untilQuiet(studio, history)
                times.records = injector.records
                times.heldBack = workload.heldBack
                await sampler.sample()
                return times
            }
            defer { group.cancelAll() }
            while let times = try await group.next() {
                if let times { return times }
            }
            throw CancellationError()
        }
    }

    /// Waits until every run has ended; answers how long that took, in seconds, or nil when nothing goes on any more.
    ///
    /// What counts is that fewer and fewer are open: how long a backlog takes is the machine's speed.
    private func untilQuiet(_ studio: ChaosStudio, _ history: History) async throws -> Double? {
        let begin = ContinuousClock.now
        let limit = Duration.seconds(ChaosConfiguration.quiescenceLimit + Self.longestTask)
        var progressed = begin
        var least = Int.max
        while ContinuousClock.now - progressed < limit {
            try await resumeAll(studio, history)
            let open: Int? = try? await studio.database.query(
                "SELECT count(*)::int AS n FROM runs WHERE finished_at IS NULL")[0].decode("n")
            if let open, open < least { (least, progressed) = (open, ContinuousClock.now) }
            if open == 0 { return Spread.rounded((ContinuousClock.now - begin) / .seconds(1)) }
            try await Task.sleep(for: Self.pollInterval)
        }
        return nil
    }

    /// Lets go on what a client paused that got no answer any more.
    private func resumeAll(_ studio: ChaosStudio, _ history: History) async throws {
        guard let page = try? await studio.client.runs(RunFilter(states: [.paused])) else { return }
        for run in page.data {
            await RunLife.ask(.resume, of: run.id, history) { try await studio.client.control(.resume, run: $0) }
        }
    }
}
