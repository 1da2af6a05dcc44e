import Foundation
import Simulation
import StudioClient
import StudioCore
import Synchronization

/// Studios at work: submits runs at a steady rate, changes its mind about some of them, and writes everything down.
final class Workload: Sendable {
    /// Of every key that creates a run.
    static let keyPrefix = "chaos-"
    static let label = "chaos"
    /// Runs under way at most; above it the pace is held.
    private static let livesMax = 200
    private static let tick = Duration.milliseconds(50)
    /// From one storm of cancels to the next, in seconds.
    private static let stormPeriod = 20.0

    private struct State {
        var lives = 0
        var heldBack = 0
        var submitted = 0
        var isStopped = false
    }

    let client: StudioClient
    let history: History
    private let configuration: ChaosConfiguration
    private let state = Mutex(State())

    init(_ studio: ChaosStudio, history: History) {
        client = studio.client
        configuration = studio.configuration
        self.history = history
    }

    /// How many runs were not submitted in time, because too many were under way.
    var heldBack: Int { state.withLock { $0.heldBack } }

    /// Submits nothing more.
    func stop() { state.withLock { $0.isStopped = true } }

    /// Submits until stopped; returns when every submitted run needs its client no more.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.watch() }
            var dice = Dice(seed: configuration.seed ^ 0x4C4F_4144)
            let begin = ContinuousClock.now
            var loads = 0.0
            var films = 0.0
            var storms = 1.0
            while !Task.isCancelled, !state.withLock({ $0.isStopped }) {
                let elapsed = (ContinuousClock.now - begin) / .seconds(1)
                let isStorm = elapsed > storms * Self.stormPeriod
                if isStorm { storms += 1 }
                while loads < elapsed * configuration.runsPerSecond {
                    loads += 1
                    start(.load(&dice, isDoomed: isStorm), dice.next(), in: &group)
                }
                while films < elapsed * configuration.filmsPerSecond {
                    films += 1
                    start(.film(&dice), dice.next(), in: &group)
                }
                if isStorm {
                    for _ in 0..<Int(configuration.runsPerSecond * 4) {
                        start(.load(&dice, isDoomed: true), dice.next(), in: &group)
                    }
                }
                try? await Task.sleep(for: Self.tick)
            }
        }
    }

    private func start(_ order: RunOrder, _ seed: UInt64, in group: inout DiscardingTaskGroup) {
        let number: Int? = state.withLock { state in
            guard state.lives < Self.livesMax else {
                state.heldBack += 1
                return nil
            }
            state.lives += 1
            state.submitted += 1
            return state.submitted
        }
        guard let number else { return }
        group.addTask {
            let life = RunLife(
                client: self.client, history: self.history, order: order, key: "\(Self.keyPrefix)\(number)")
            await life.run(Dice(seed: seed))
            self.state.withLock { $0.lives -= 1 }
        }
    }

    // MARK: - Watching

    private static let watchPeriod = Duration.seconds(2)
    private static let pageMax = 200
    /// How many of the runs that ended are done once more.
    private static let retryShare = 0.03

    /// Sees runs end, and now and then has one done once more.
    private func watch() async {
        var seen: Set<RunID> = []
        var dice = Dice(seed: configuration.seed ^ 0x5741_5443)
        while !Task.isCancelled, !state.withLock({ $0.isStopped }) {
            try? await Task.sleep(for: Self.watchPeriod)
            let filter = RunFilter(states: [.succeeded, .failed, .canceled], labels: [Self.label])
            guard let page = try? await client.runs(filter, limit: Self.pageMax) else { continue }
            for run in page.data where seen.insert(run.id).inserted {
                history.see(run.id, run.state)
                guard dice.happens(Self.retryShare) else { continue }
                let scope: RetryScope = run.state == .succeeded ? .all : .failed
                await RunLife.ask(.retry, of: run.id, history) { try await self.client.control(.retry(scope), run: $0) }
                seen.remove(run.id)
            }
        }
    }
}
