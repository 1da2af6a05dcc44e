import AMQP
import Logging
import StudioCore

/// Takes a hint, claims the task it names, and has the attempt made.
struct Intake: Sendable {
    /// How long a hint is held while the hub is away, before it goes back to its queue.
    static let claimPatience: Duration = .seconds(60)

    let runner: AttemptRunner
    let room: DiskRoom
    let circuit: EndpointCircuit
    /// How long attempts may go on after the order to shut down, before they are handed back.
    let drainGrace: Duration

    private var attempts: RunningAttempts { runner.attempts }
    private var logger: Logger { runner.logger }

    /// Sees one hint through, from its decoding to the report of the attempt.
    ///
    /// Whoever calls it sees to it that no more run at a time than the worker has slots.
    ///
    /// - Parameter releaseSlot: lets the next hint be taken while this one's files are uploaded; false when too many do
    ///   so already.
    func handle(
        _ delivery: Delivery, releaseSlot: @escaping @Sendable () -> Bool = { false }
    ) async -> Disposition {
        guard let hint = Hint(delivery.body) else {
            logger.error("Hint not understood", metadata: ["queue": "\(delivery.queue)"])
            WorkerMetrics.countHint(outcome: "rejected")
            return .reject
        }
        guard !attempts.isDraining, !attempts.isHeld, await room.admits(), let admission = circuit.admit()
        else {
            WorkerMetrics.countHint(outcome: "handed_back")
            return .handBack
        }
        defer { circuit.withdraw(admission) }
        let askedBefore = runner.clock.now
        switch await claim(hint, until: askedBefore + Self.claimPatience) {
        case .answered(.granted(let grant), let askedAt):
            WorkerMetrics.countHint(outcome: "granted")
            return await runner.run(grant, askedAt: askedAt, releaseSlot: releaseSlot)
        case .answered(.held, _):
            WorkerMetrics.countHint(outcome: "held")
            return .accept
        case .answered(.stale, _):
            WorkerMetrics.countHint(outcome: "stale")
            return .accept
        case .refused:
            WorkerMetrics.countHint(outcome: "rejected")
            return .reject
        case .gaveUp:
            WorkerMetrics.countHint(outcome: "handed_back")
            return .handBack
        }
    }

    private enum Claim {
        case answered(ClaimAnswer, askedAt: Duration)
        /// The hub cannot use the hint.
        case refused
        /// The hub is away, or this worker stops.
        case gaveUp
    }

    private func claim(_ hint: Hint, until deadline: Duration) async -> Claim {
        let clock = runner.clock
        var backoff = Backoff(first: .milliseconds(200))
        while !attempts.isDraining, !Task.isCancelled {
            let askedAt = clock.now
            do {
                let outcome = try await runner.hub.claim(task: hint.task, attempt: hint.attempt)
                return .answered(outcome, askedAt: askedAt)
            } catch let error as HubError where error.code == .invalid {
                logger.error("Claim refused", metadata: ["task.id": "\(hint.task)", "error": "\(error)"])
                return .refused
            } catch let error as HubError where error.code == .fenced {
                return .answered(.stale, askedAt: askedAt)
            } catch {
                logger.warning("Claim not answered", metadata: ["task.id": "\(hint.task)", "error": "\(error)"])
            }
            let pause = backoff.next()
            guard clock.now + pause < deadline else { return .gaveUp }
            do { try await clock.sleep(for: pause) } catch { return .gaveUp }
        }
        return .gaveUp
    }
}
