import DevStack
import Foundation
import Postgres
import Simulation
import StudioCore
import StudioProto

/// Faults of the services that our programs use, and of the ways to them.
extension FaultInjector {
    private static let startTries = 5
    /// Longer deliveries than this are taken back, in milliseconds.
    private static let deliveryLimit = 8_000
    private static let backendsFrozen = 3

    func killService(_ service: ServiceName, _ injection: inout Injection) async throws {
        injection.record.target = service.rawValue
        try await studio.stack.kill(service)
        let result: Result<Void, any Error>
        do { result = .success(try await injection.last()) } catch { result = .failure(error) }
        try await start(service)
        try result.get()
    }

    private func start(_ service: ServiceName) async throws {
        for attempt in 1...Self.startTries {
            do { return try await studio.stack.start(service) } catch let error as StackError {
                if attempt == Self.startTries { throw error }
                try await Task.sleep(for: .seconds(1))
            }
        }
    }

    func freezeBroker(_ injection: inout Injection) async throws {
        injection.record.target = ServiceName.rabbitmq.rawValue
        try await studio.stack.kill(.rabbitmq, signal: Signals.stop)
        let result: Result<Void, any Error>
        do { result = .success(try await injection.last()) } catch { result = .failure(error) }
        try await studio.stack.kill(.rabbitmq, signal: Signals.goOn)
        try result.get()
    }

    func raiseAlarm(_ injection: inout Injection) async throws {
        injection.record.target = ServiceName.rabbitmq.rawValue
        let result: Result<Void, any Error>
        do {
            try await studio.broker.alarm(true)
            result = .success(try await injection.last())
        } catch {
            result = .failure(error)
        }
        try await studio.broker.alarm(false)
        try result.get()
    }

    func loseQueue(_ injection: inout Injection, delete: Bool) async throws {
        let lanes = Lane.all.filter { $0.kind == .noop || $0.kind == .video }
        let queue = injection.pick(lanes.map(\.queue) + [Wire.eventQueue])
        injection.record.target = queue
        let broker = studio.broker
        let isLost = delete ? try await broker.delete(queue) : try await broker.purge(queue)
        if !isLost { injection.record.outcome = .missed }
    }

    func limitDeliveries(_ injection: inout Injection) async throws {
        injection.record.target = "\(Self.deliveryLimit / 1_000) s"
        let result: Result<Void, any Error>
        do {
            try await studio.broker.limitDeliveries(milliseconds: Self.deliveryLimit)
            result = .success(try await injection.last())
        } catch {
            result = .failure(error)
        }
        try await studio.broker.limitDeliveries(milliseconds: nil)
        try result.get()
    }

    /// Stops some of the database's processes that serve our programs, in whatever they are doing.
    func freezeBackends(_ injection: inout Injection) async throws {
        let rows = try await studio.database.query(
            """
            SELECT pid FROM pg_stat_activity WHERE application_name IN ('studio-api', 'worker-hub')
            ORDER BY (state = 'active') DESC, pid
            """)
        let all = try rows.compactMap { ProcessIdentity(pid: Int32(try $0.decode("pid", as: Int.self))) }
        guard !all.isEmpty else {
            injection.record.outcome = .missed
            return
        }
        var dice = Dice(seed: injection.fault.choice)
        let chosen = all.shuffled(using: &dice).prefix(Self.backendsFrozen)
        injection.record.target = "\(chosen.count) of \(all.count) backends"
        for process in chosen { process.send(Signals.stop) }
        let result: Result<Void, any Error>
        do { result = .success(try await injection.last()) } catch { result = .failure(error) }
        for process in chosen { process.send(Signals.goOn) }
        try result.get()
    }

    func spoil(_ link: Link, _ fault: LinkFault, _ injection: inout Injection) async throws {
        injection.record.target = "\(link.rawValue)\(fault == .silentUp ? " up" : fault == .silentDown ? " down" : "")"
        defer { studio.proxy.set(.none, on: link) }
        studio.proxy.set(fault, on: link)
        try await injection.last()
    }

    /// Leaves nothing broken, whatever has gone wrong with the healing of single faults.
    func healAll() async {
        for link in Link.allCases { studio.proxy.set(.none, on: link) }
        studio.volume?.clear()
        for name in ChaosPrograms.names { await studio.supervisor.kill(name, signal: Signals.goOn) }
        for service in ServiceName.allCases {
            try? await studio.stack.kill(service, signal: Signals.goOn)
            try? await start(service)
        }
        for status in await studio.supervisor.statuses() where status.state == .stopped {
            try? await studio.supervisor.bring(up: status.name)
        }
    }
}
