import GRPCCore
package import Logging
import ServiceLifecycle
import StudioProto
import Synchronization

/// Keeps the one stream to the hub open: heartbeats and progress up; renewals, cancels, lost leases and drain down.
///
/// While the hub is away it tries again and again; the attempts go on under their leases meanwhile.
package final class HeartbeatStream: Service {
    /// A hub that does not answer a heartbeat for so many intervals is not listening: the stream is made anew, while
    /// leases are still believed.
    private static let silenceMax = 1.5
    /// How long the hub may take to say welcome.
    private static let welcomeWait: Duration = .seconds(5)

    private let hub: HubClient
    private let introduction: WorkerIntroduction
    private let attempts: RunningAttempts
    private let clock: any WorkerClock
    private let logger: Logger
    private let connected = Mutex(false)

    package init(
        hub: HubClient, introduction: WorkerIntroduction, attempts: RunningAttempts, clock: any WorkerClock,
        logger: Logger
    ) {
        self.hub = hub
        self.introduction = introduction
        self.attempts = attempts
        self.clock = clock
        self.logger = logger
    }

    /// Whether the hub has welcomed this worker and the stream is up.
    package var isConnected: Bool { connected.withLock { $0 } }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var backoff = Backoff()
            var failures = 0
            while !Task.isCancelled {
                // An outage is news once.
                let wasWelcome = await self.connectOnce(failureLevel: failures == 0 ? .warning : .debug)
                failures = wasWelcome ? 1 : failures + 1
                if wasWelcome { backoff.reset() }
                do { try await self.clock.sleep(for: backoff.next()) } catch { return }
            }
        }
    }

    /// Opens the stream and keeps it until it breaks, which is logged at `failureLevel`, or as a warning if it was up.
    ///
    /// - Returns: whether the hub said welcome.
    private func connectOnce(failureLevel: Logger.Level) async -> Bool {
        let (welcomes, welcome) = AsyncStream.makeStream(of: Duration.self, bufferingPolicy: .bufferingNewest(1))
        var problem = "the hub ended the stream"
        do {
            try await hub.hub.connect(metadata: hub.metadata) { writer in
                try await self.speak(writer, welcomes: welcomes)
            } onResponse: { response in
                for try await message in response.messages { self.obey(message, welcome: welcome) }
            }
        } catch {
            problem = "\(HubError.translate(error))"
        }
        welcome.finish()
        attempts.streamEnded()
        let wasWelcome = connected.withLock { isUp in
            defer { isUp = false }
            return isUp
        }
        if !Task.isCancelled {
            logger.log(
                level: wasWelcome ? .warning : failureLevel, "Stream to the hub is down",
                metadata: ["reason": "\(problem)"])
        }
        return wasWelcome
    }

    /// The upward half: hello, then a heartbeat at every interval.
    private func speak(_ writer: RPCWriter<WireWorkerMessage>, welcomes: AsyncStream<Duration>) async throws {
        try await writer.write(WireWorkerMessage(hello: introduction, worker: hub.worker))
        guard let interval = await firstWelcome(welcomes) else {
            throw HubError(.unavailable, "no welcome from the hub")
        }
        connected.withLock { $0 = true }
        logger.info("Stream to the hub is up", metadata: ["heartbeat_seconds": "\(interval.secondsValue)"])
        while true {
            if let running = attempts.heartbeat(at: clock.now) {
                try await writer.write(WireWorkerMessage(running: running, isDraining: attempts.isDraining))
            } else if let silence = attempts.unansweredFor(at: clock.now),
                silence > interval * Self.silenceMax
            {
                throw HubError(.unavailable, "the hub does not answer heartbeats")
            }
            try await clock.sleep(for: interval)
        }
    }

    private func firstWelcome(_ welcomes: AsyncStream<Duration>) async -> Duration? {
        await withTaskGroup(of: Duration?.self) { group in
            group.addTask { await welcomes.first { _ in true } }
            group.addTask {
                try? await self.clock.sleep(for: Self.welcomeWait)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    /// The downward half.
    private func obey(_ message: WireHubMessage, welcome: AsyncStream<Duration>.Continuation) {
        switch message.body {
        case .welcome(let message):
            welcome.yield(.seconds(max(Self.intervalSecondsMin, message.heartbeatSeconds)))
        case .renewed(let renewed):
            attempts.renewed(renewed.attempts.compactMap(AttemptName.init))
        case .leasesLost(let lost):
            let names = lost.attempts.compactMap(AttemptName.init)
            let running = attempts.names.intersection(names)
            // Of the others the reports have been written: that is how their leases end.
            if !running.isEmpty { logger.warning("Leases lost", metadata: ["attempts": "\(running)"]) }
            attempts.stop(names, .leaseLost)
        case .cancel(let cancel):
            let names = cancel.attempts.compactMap(AttemptName.init)
            logger.info("Tasks canceled by the hub", metadata: ["attempts": "\(names)"])
            attempts.stop(names, .canceled)
        case .drain:
            logger.notice("Drain asked by the hub")
            attempts.drain()
        case .hold:
            logger.notice("Takes no new work until the hub says so")
            attempts.hold(true)
        case .resume:
            logger.notice("Takes work again")
            attempts.hold(false)
        case nil:
            logger.debug("Message of the hub not understood")
        }
    }

    /// A hub cannot make a worker send heartbeats faster than this, in seconds.
    private static let intervalSecondsMin = 0.05
}
