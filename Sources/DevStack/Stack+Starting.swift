import Foundation
import Logging

extension Stack {
    private static let probeInterval = Duration.milliseconds(100)
    /// How long a port may stay taken by what is left of a process of this stack that has just died.
    private static let portGrace = Duration.seconds(3)

    /// Starts one service, unless it runs or somebody else runs it, and waits until it answers.
    func start(
        _ name: ServiceName, in context: StackContext, progress: @Sendable (StackEvent) -> Void
    ) async throws {
        if let url = configuration.external.excluding(context.ownEndpoints).url(of: name) {
            guard await Probe.reaches(url) else { throw Self.unreachable(name) }
            progress(.external(name))
            return
        }
        let service = try context.service(name)
        let clock = ContinuousClock()
        let begin = clock.now
        if isRunning(name.rawValue) {
            try await waitUntilReady(service, since: begin)
            progress(.alreadyRunning(name))
            return
        }
        progress(service.isFirstStart ? .preparing(name) : .starting(name))
        try await service.prepare()
        while true {
            try Task.checkCancellation()
            for plan in service.plans where !isRunning(plan.name) { try await launch(plan) }
            do {
                try await waitUntilReady(service, since: begin)
                break
            } catch let error as StackError {
                let mayPass = begin.duration(to: clock.now) < configuration.readinessLimit
                guard mayPass, !isRunning(name.rawValue), service.isPassingFailure(error.detail) else { throw error }
                logger.debug("Starting a service again", metadata: ["service": "\(name)"])
                try await Task.sleep(for: Self.probeInterval)
            }
        }
        try await service.complete()
        progress(.ready(name, after: begin.duration(to: clock.now)))
    }

    func isRunning(_ process: String) -> Bool { state?.processes[process]?.isAlive ?? false }

    private func launch(_ plan: LaunchPlan) async throws {
        try await waitForPorts(plan)
        let record = try await Launcher.launch(plan)
        state?.processes[plan.name] = record
        try save()
        logger.debug("Started a process", metadata: ["process": "\(plan.name)", "pid": "\(record.identity.pid)"])
    }

    private func waitForPorts(_ plan: LaunchPlan) async throws {
        // Only what has run here before can have left a port behind that will be free in a moment.
        let grace = state?.processes[plan.name] == nil ? .zero : Self.portGrace
        let deadline = ContinuousClock.now + grace
        while let port = plan.ports.first(where: { !Ports.isFree($0) }) {
            guard ContinuousClock.now < deadline else {
                let holder = Ports.holder(of: port) ?? "a process that this user cannot see"
                throw StackError(
                    .portInUse, "\(plan.name) needs port \(port) of 127.0.0.1, which is held by \(holder).",
                    cure: "End that process, or remove \(configuration.root) to begin on other ports.")
            }
            try await Task.sleep(for: Self.probeInterval)
        }
    }

    private func waitUntilReady(_ service: any StackService, since begin: ContinuousClock.Instant) async throws {
        let plan = service.plans[service.plans.count - 1]
        while await service.probe() == nil {
            if !isRunning(plan.name) {
                let exit = await ExitStatus.settled(in: plan.exitFile)
                throw StackError(
                    .notReady, "\(plan.name) \(exit) before it was ready. \(LogTail.text(of: plan.log))",
                    cure: "See the log; when the data is broken, remove \(plan.workingDirectory) to begin afresh.")
            }
            guard ContinuousClock.now - begin < configuration.readinessLimit else {
                throw StackError(
                    .notReady,
                    "\(plan.name) did not answer within \(configuration.readinessLimit.inSeconds) s. "
                        + LogTail.text(of: plan.log),
                    cure: "See the log; a busy machine may need another try.")
            }
            try await Task.sleep(for: Self.probeInterval)
        }
    }

    private static func unreachable(_ name: ServiceName) -> StackError {
        let variable =
            switch name {
            case .postgres: "DATABASE_URL"
            case .rabbitmq: "AMQP_URL"
            case .s3: "S3_ENDPOINT"
            }
        return StackError(
            .unreachable, "\(variable) is set, but nothing answers there.",
            cure: "Start that service, or unset \(variable) to use the stack's own.")
    }
}
