import Foundation
import Postgres
import ServiceLifecycle
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// What happens when the server is slow, silent or gone.
@Suite(.timeLimit(.minutes(1))) struct PostgresFailureTests {
    private static let short = Duration.milliseconds(400)

    private static func backend(_ transaction: borrowing Transaction) throws -> pid_t {
        try transaction.first("SELECT pg_backend_pid() AS pid")?.decode("pid", as: Int32.self) ?? 0
    }

    private func serves(_ client: PostgresClient) async throws -> Bool {
        try await client.query("SELECT 1 AS one")[0].decode("one", as: Int.self) == 1
    }

    @Test func `a statement that sleeps past the deadline is cut and the pool recovers`() async throws {
        try await PostgresBench.withDatabase({
            $0.connections = 1
            $0.callDeadline = Self.short
        }) { client async throws in
            let start = ContinuousClock.now
            let error = await #expect(throws: PostgresError.self) { try await client.query("SELECT pg_sleep(30)") }
            #expect(error?.code == .deadlineExceeded)
            #expect(ContinuousClock.now - start < .seconds(10))
            #expect(try await serves(client))
            #expect(client.statistics.discards == 1)
            // The cancel request reached the server: nothing sleeps there any more.
            #expect(
                try await PostgresBench.eventually {
                    let rows = try await client.query(
                        """
                        SELECT count(*) AS n FROM pg_stat_activity
                        WHERE query = 'SELECT pg_sleep(30)' AND state = 'active'
                        """)
                    return try rows[0].decode("n", as: Int.self) == 0
                })
        }
    }

    @Test func `the server's own limit ends a statement and keeps the connection`() async throws {
        try await PostgresBench.withDatabase({
            $0.connections = 1
            $0.statementTimeout = Self.short
        }) { client async throws in
            let error = await #expect(throws: PostgresError.self) { try await client.query("SELECT pg_sleep(29)") }
            #expect(error?.sqlState == .queryCanceled)
            #expect(error?.code == .statementFailed)
            #expect(try await serves(client))
            #expect(client.statistics.discards == 0)
        }
    }

    @Test func `a lock that does not come is an error of its own`() async throws {
        try await PostgresBench.withDatabase({ $0.lockTimeout = Self.short }) { client async throws in
            try await client.execute("CREATE TABLE t (id int)")
            try await client.transaction { transaction in
                try transaction.execute("LOCK TABLE t")
                let other = PostgresClient(configuration: client.configuration, logger: PostgresBench.quiet)
                let done = DispatchSemaphore(value: 0)
                Task {
                    let error = await #expect(throws: PostgresError.self) { try await other.query("SELECT * FROM t") }
                    #expect(error?.sqlState == .lockNotAvailable)
                    #expect(error?.isTransient == true)
                    await other.close()
                    done.signal()
                }
                done.wait()
            }
        }
    }

    @Test func `a backend that stands still is cut at the client's deadline`() async throws {
        try await PostgresBench.withDatabase({
            $0.connections = 1
            $0.callDeadline = Self.short
        }) { client async throws in
            let pid: pid_t = try await client.query("SELECT pg_backend_pid() AS pid")[0].decode("pid")
            #expect(kill(pid, SIGSTOP) == 0)
            defer { kill(pid, SIGCONT) }
            let start = ContinuousClock.now
            let error = await #expect(throws: PostgresError.self) { try await client.query("SELECT 1") }
            #expect(error?.code == .deadlineExceeded)
            #expect(ContinuousClock.now - start < .seconds(10))
            #expect(try await serves(client))
        }
    }

    @Test func `a commit without an answer is an unknown outcome`() async throws {
        try await PostgresBench.withDatabase({
            $0.connections = 1
            $0.callDeadline = Self.short
        }) { client async throws in
            try await client.execute("CREATE TABLE t (id int)")
            let pid = try await client.query("SELECT pg_backend_pid() AS pid")[0].decode("pid", as: pid_t.self)
            defer { kill(pid, SIGCONT) }
            let error = await #expect(throws: PostgresError.self) {
                try await client.transaction { transaction in
                    try transaction.execute("INSERT INTO t VALUES (1)")
                    #expect(kill(try Self.backend(transaction), SIGSTOP) == 0)
                }
            }
            #expect(error?.code == .outcomeUnknown)
            #expect(error?.isTransient == false)
            // It was sent, so the server commits once it goes on: unknown is not the same as failed.
            kill(pid, SIGCONT)
            #expect(
                try await PostgresBench.eventually {
                    try await client.query("SELECT count(*) AS n FROM t")[0].decode("n", as: Int.self) == 1
                })
        }
    }

    @Test func `a single statement without an answer is an unknown outcome too`() async throws {
        try await PostgresBench.withDatabase({
            $0.connections = 1
            $0.callDeadline = Self.short
        }) { client async throws in
            let pid: pid_t = try await client.query("SELECT pg_backend_pid() AS pid")[0].decode("pid")
            #expect(kill(pid, SIGSTOP) == 0)
            defer { kill(pid, SIGCONT) }
            let error = await #expect(throws: PostgresError.self) {
                try await client.execute("CREATE TABLE t (id int)")
            }
            #expect(error?.code == .outcomeUnknown)
        }
    }

    @Test func `a pooled connection that the server ended is replaced before use`() async throws {
        try await PostgresBench.withDatabase({ $0.connections = 1 }) { client async throws in
            let pid: pid_t = try await client.query("SELECT pg_backend_pid() AS pid")[0].decode("pid")
            try await PostgresBench.withDatabase { other in
                try await other.execute("SELECT pg_terminate_backend(\(pid), 5000)")
            }
            #expect(try await serves(client))
            #expect(try await client.transaction { try Self.backend($0) } != pid)
            #expect(client.statistics.discards == 1)
        }
    }

    @Test func `a connection that ends within a transaction loses the transaction and nothing more`() async throws {
        try await PostgresBench.withDatabase({ $0.connections = 1 }) { client async throws in
            try await client.execute("CREATE TABLE t (id int)")
            let error = await #expect(throws: PostgresError.self) {
                try await client.transaction { transaction in
                    try transaction.execute("INSERT INTO t VALUES (1)")
                    _ = try transaction.query("SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(5)")
                }
            }
            #expect(error?.code == .connectionLost)
            #expect(error?.sqlState == .adminShutdown)
            #expect(error?.isTransient == true)
            #expect(try await client.query("SELECT count(*) AS n FROM t")[0].decode("n", as: Int.self) == 0)
        }
    }

    @Test func `a peer that accepts and says nothing is given up at the connect timeout`() async throws {
        let listener = socket(AF_INET, streamType, 0)
        defer { close(listener) }
        let port = try #require(bindAndListen(listener))
        let client = PostgresClient(
            configuration: PostgresClient.Configuration(
                url: "postgresql://x:y@127.0.0.1:\(port)/z", connectTimeout: Self.short, checkoutTimeout: .seconds(1)),
            logger: PostgresBench.quiet)
        let start = ContinuousClock.now
        let error = await #expect(throws: PostgresError.self) { try await client.query("SELECT 1") }
        #expect(error?.code == .connectFailed)
        #expect(ContinuousClock.now - start < .seconds(10))
        #expect(client.statistics.inUse == 0)
        await client.close()
    }

    @Test func `an address where nobody listens is tried until the checkout timeout`() async throws {
        let listener = socket(AF_INET, streamType, 0)
        let port = try #require(bindAndListen(listener))
        close(listener)
        let client = PostgresClient(
            configuration: PostgresClient.Configuration(
                url: "postgresql://x:hunter2@127.0.0.1:\(port)/z", checkoutTimeout: .seconds(1)),
            logger: PostgresBench.quiet)
        let start = ContinuousClock.now
        let error = await #expect(throws: PostgresError.self) { try await client.query("SELECT 1") }
        let elapsed = ContinuousClock.now - start
        #expect(error?.code == .connectFailed)
        #expect(error?.isTransient == true)
        #expect(!String(describing: error).contains("hunter2"))
        #expect(elapsed > .milliseconds(300) && elapsed < .seconds(10))
        await client.close()
    }

    @Test func `a database that is not there is told at once, and used once it is there`() async throws {
        try await PostgresBench.withDatabase { owner in
            let name = "late_\(String(UInt64.random(in: 0...UInt64.max), radix: 36))"
            var configuration = owner.configuration
            configuration.url = try Self.url(configuration.url, database: name)
            configuration.schema = nil
            configuration.checkoutTimeout = .seconds(50)
            let client = PostgresClient(configuration: configuration, logger: PostgresBench.quiet)
            let start = ContinuousClock.now
            for _ in 0..<20 {
                let error = await #expect(throws: PostgresError.self) { try await client.query("SELECT 1") }
                #expect(error?.code == .connectFailed && error?.sqlState == .invalidCatalogName)
            }
            #expect(ContinuousClock.now - start < .seconds(20), "nobody waits for what does not pass by itself")
            try await owner.execute("CREATE DATABASE \(unsafe: name)")
            #expect(
                try await PostgresBench.eventually { (try? await client.query("SELECT 1").count) == 1 },
                "it is asked again")
            await client.close()
            try await owner.execute("DROP DATABASE \(unsafe: name) WITH (FORCE)")
        }
    }

    @Test func `whoever shuts down waits for no connection that has failed`() async throws {
        let listener = socket(AF_INET, streamType, 0)
        let port = try #require(bindAndListen(listener))
        close(listener)
        let client = PostgresClient(
            configuration: PostgresClient.Configuration(
                url: "postgresql://x:y@127.0.0.1:\(port)/z", checkoutTimeout: .seconds(50)),
            logger: PostgresBench.quiet)
        let asking = AsyncStream<Void>.makeStream()
        let group = ServiceGroup(
            services: [client, Asker(client: client, begins: asking.continuation)], logger: PostgresBench.quiet)
        async let running: Void = group.run()
        for await _ in asking.stream { break }
        let start = ContinuousClock.now
        await group.triggerGracefulShutdown()
        try await running
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    /// A service in the middle of a call when the shutdown comes.
    private struct Asker: Service {
        let client: PostgresClient
        let begins: AsyncStream<Void>.Continuation

        func run() async throws {
            begins.yield()
            let error = await #expect(throws: PostgresError.self) { try await client.query("SELECT 1") }
            #expect(error?.code == .connectFailed)
            try await gracefulShutdown()
        }
    }

    private static func url(_ url: String, database: String) throws -> String {
        var components = try #require(URLComponents(string: url))
        components.path = "/\(database)"
        return try #require(components.string)
    }

    private var streamType: Int32 {
        #if canImport(Darwin)
            SOCK_STREAM
        #else
            Int32(SOCK_STREAM.rawValue)
        #endif
    }

    /// Binds to a free port of the loopback; nil when that fails.
    private func bindAndListen(_ descriptor: Int32) -> UInt16? {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                guard bind(descriptor, generic, size) == 0, listen(descriptor, 8) == 0,
                    getsockname(descriptor, generic, &size) == 0
                else { return nil }
                return UInt16(bigEndian: pointer.pointee.sin_port)
            }
        }
    }
}
