import Foundation
import Postgres
import ServiceLifecycle
import Testing

@Suite(.timeLimit(.minutes(1))) struct PostgresPoolTests {
    /// Occupies the only connection until `release` is called.
    private final class Occupant: Sendable {
        private let gate = DispatchSemaphore(value: 0)
        private let entered = AsyncStream<Void>.makeStream()

        func occupy(_ client: PostgresClient) async throws {
            defer { entered.continuation.finish() }
            try await client.transaction { _ in
                self.entered.continuation.finish()
                self.gate.wait()
            }
        }

        func waitUntilInside() async { for await _ in entered.stream {} }

        func release() { gate.signal() }
    }

    @Test func `a full pool turns a caller away after the checkout timeout`() async throws {
        try await PostgresBench.withDatabase({
            $0.connections = 1
            $0.checkoutTimeout = .seconds(2)
        }) { client async throws in
            let occupant = Occupant()
            async let inside: Void = occupant.occupy(client)
            await occupant.waitUntilInside()
            let start = ContinuousClock.now
            let error = await #expect(throws: PostgresError.self) { try await client.query("SELECT 1") }
            let elapsed = ContinuousClock.now - start
            #expect(error?.code == .checkoutTimedOut)
            #expect(elapsed >= .milliseconds(1990) && elapsed < .seconds(10))
            #expect(client.statistics.refusals == 1)
            #expect(client.statistics.waiting == 0)
            occupant.release()
            try await inside
            #expect(try await client.query("SELECT 1").count == 1)
        }
    }

    @Test func `a cancelled task stops waiting at once and the pool stays whole`() async throws {
        try await PostgresBench.withDatabase({ $0.connections = 1 }) { client async throws in
            let occupant = Occupant()
            async let inside: Void = occupant.occupy(client)
            await occupant.waitUntilInside()
            let waiting = Task { try await client.query("SELECT 1") }
            #expect(try await PostgresBench.eventually { client.statistics.waiting == 1 })
            let start = ContinuousClock.now
            waiting.cancel()
            let error = await #expect(throws: PostgresError.self) { try await waiting.value }
            #expect(error?.code == .cancelled)
            #expect(ContinuousClock.now - start < .seconds(2))
            occupant.release()
            try await inside
            #expect(try await client.query("SELECT 1").count == 1)
            #expect(client.statistics.waiting == 0)
        }
    }

    @Test func `one caller too many is refused at once`() async throws {
        try await PostgresBench.withDatabase({
            $0.connections = 1
            $0.waitersMax = 1
        }) { client async throws in
            let occupant = Occupant()
            async let inside: Void = occupant.occupy(client)
            await occupant.waitUntilInside()
            async let waiting = client.query("SELECT 1")
            #expect(try await PostgresBench.eventually { client.statistics.waiting == 1 })
            let error = await #expect(throws: PostgresError.self) { try await client.query("SELECT 1") }
            #expect(error?.code == .tooManyWaiters)
            occupant.release()
            try await inside
            #expect(try await waiting.count == 1)
        }
    }

    @Test func `many callers share few connections`() async throws {
        try await PostgresBench.withDatabase({ $0.connections = 4 }) { client async throws in
            let sum = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 1...500 {
                    group.addTask { try await client.query("SELECT \(number) AS n")[0].decode("n") }
                }
                return try await group.reduce(0, +)
            }
            #expect(sum == 125_250)
            let statistics = client.statistics
            #expect(statistics.connects <= 4 && statistics.open <= 4)
            #expect(statistics.idle == statistics.open && statistics.inUse == 0 && statistics.waiting == 0)
        }
    }

    @Test func `closing waits for what runs, turns away what waits and refuses what comes later`() async throws {
        try await PostgresBench.withDatabase({ $0.connections = 1 }) { client async throws in
            let occupant = Occupant()
            async let inside: Void = occupant.occupy(client)
            await occupant.waitUntilInside()
            let waiting = Task { try await client.query("SELECT 1") }
            #expect(try await PostgresBench.eventually { client.statistics.waiting == 1 })
            let closing = Task { await client.close() }
            let turnedAway = await #expect(throws: PostgresError.self) { try await waiting.value }
            #expect(turnedAway?.code == .closed)
            let late = await #expect(throws: PostgresError.self) { try await client.query("SELECT 1") }
            #expect(late?.code == .closed)
            #expect(client.statistics.inUse == 1)
            occupant.release()
            try await inside
            await closing.value
            #expect(client.statistics.inUse == 0 && client.statistics.open == 0)
        }
    }

    @Test func `as a service the client closes at graceful shutdown`() async throws {
        try await PostgresBench.withDatabase { client async throws in
            let group = ServiceGroup(services: [client], logger: PostgresBench.quiet)
            async let running: Void = group.run()
            #expect(try await client.query("SELECT 1").count == 1)
            await group.triggerGracefulShutdown()
            try await running
            let error = await #expect(throws: PostgresError.self) { try await client.query("SELECT 1") }
            #expect(error?.code == .closed)
        }
    }

    @Test func `a client that is let go closes its connections`() async throws {
        try await PostgresBench.withDatabase { watcher async throws in
            let name = "gone-\(UUID().uuidString.prefix(8))"
            func alive() async throws -> Int {
                let rows = try await watcher.query(
                    "SELECT count(*) AS n FROM pg_stat_activity WHERE application_name = \(name)")
                return try rows[0].decode("n")
            }
            do {
                var configuration = watcher.configuration
                configuration.applicationName = name
                let client = PostgresClient(configuration: configuration, logger: PostgresBench.quiet)
                _ = try await client.query("SELECT 1")
                #expect(try await alive() == 1)
            }
            #expect(try await PostgresBench.eventually { try await alive() == 0 })
        }
    }
}
