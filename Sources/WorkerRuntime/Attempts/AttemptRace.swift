/// An attempt's work against everything that may end it early: requests to stop, the lease, the limit of time.
struct AttemptRace: Sendable {
    let grant: Grant
    let askedAt: Duration
    let noProgressLimit: Duration
    let attempts: RunningAttempts
    let clock: any WorkerClock

    private enum Event: Sendable {
        case ended(Result<[UploadedFile], any Error>)
        case stop(StopReason)
        case quiet
    }

    /// Runs `work` to its end; the first reason to stop cancels it and is announced.
    func run(
        stops: AsyncStream<StopReason>, announce: @escaping @Sendable (StopReason) -> Void,
        _ work: @escaping @Sendable () async throws -> [UploadedFile]
    ) async -> AttemptVerdict {
        await withTaskGroup(of: Event.self) { group in
            group.addTask {
                do { return .ended(.success(try await work())) } catch { return .ended(.failure(error)) }
            }
            group.addTask {
                for await reason in stops { return .stop(reason) }
                return .quiet
            }
            group.addTask { await watchLease() }
            group.addTask {
                do { try await clock.sleep(until: askedAt + grant.limit) } catch { return .quiet }
                return .stop(.timeLimit)
            }
            var reason: StopReason?
            var outcome: Result<[UploadedFile], any Error> = .failure(CancellationError())
            for await event in group {
                switch event {
                case .quiet: break
                case .stop(let first):
                    guard reason == nil else { break }
                    reason = first
                    announce(first)
                    group.cancelAll()
                case .ended(let result):
                    outcome = result
                    group.cancelAll()
                    // What came after the end of the work cannot change how it ended.
                    return verdict(reason, outcome)
                }
            }
            return verdict(reason, outcome)
        }
    }

    private func verdict(_ reason: StopReason?, _ outcome: Result<[UploadedFile], any Error>) -> AttemptVerdict {
        AttemptVerdict(
            reason: reason, outcome: outcome, isInterrupted: Task.isCancelled, noProgressLimit: noProgressLimit)
    }

    /// Waits until the lease, as renewed meanwhile, is to be believed no more.
    private func watchLease() async -> Event {
        while let giveUpAt = attempts.giveUpTime(of: grant.name) {
            if clock.now >= giveUpAt {
                // Told like any other request to stop, so that heartbeats name it no more.
                attempts.stop([grant.name], .leaseExpired)
                return .quiet
            }
            do { try await clock.sleep(until: giveUpAt) } catch { return .quiet }
        }
        return .quiet
    }
}
