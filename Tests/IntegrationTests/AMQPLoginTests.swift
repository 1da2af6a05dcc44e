import AMQP
import Foundation
import Logging
import Testing

@Suite(.timeLimit(.minutes(1))) struct AMQPLoginTests {
    private let nothing = Topology(exchanges: [], queues: [], bindings: [])

    private func failure(url: String) async throws -> AMQPError {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let publisher = AMQPPublisher(configuration: try AMQPConfiguration(url: url), logger: logger)
        return try await #require(throws: AMQPError.self) { try await publisher.declare(nothing) }
    }

    private func changed(_ change: (inout URLComponents) -> Void) throws -> String {
        var components = try #require(URLComponents(string: AMQPBench.brokerURL()))
        change(&components)
        return try #require(components.string)
    }

    @Test func `a wrong password is refused and says so without telling it`() async throws {
        let error = try await failure(url: changed { $0.password = "not-the-password" })
        #expect(error.code == .accessRefused)
        #expect(error.detail.contains("ACCESS_REFUSED"))
        #expect(!"\(error)".contains("not-the-password"))
        #expect(!error.isTransient)
    }

    @Test func `a missing vhost is named`() async throws {
        let error = try await failure(url: changed { $0.percentEncodedPath = "/no.such.vhost" })
        #expect(error.code == .accessRefused)
        #expect(error.detail.contains("no.such.vhost"))
    }

    @Test func `a port nobody listens on is told apart from an unknown host`() async throws {
        let refused = try await failure(url: changed { $0.port = 1 })
        #expect(refused.code == .connectFailed)
        #expect(refused.detail.contains("refused"))
        let unknown = try await failure(url: changed { $0.host = "no-such-host.invalid" })
        #expect(unknown.code == .connectFailed)
        #expect(unknown.detail.contains("no-such-host.invalid"))
        #expect(unknown.isTransient)
    }

    @Test func `a peer that never answers is given up in time`() async throws {
        let proxy = try FaultProxy(to: 1)
        defer { proxy.close() }
        proxy.set(.silent)
        var configuration = try AMQPConfiguration(url: AMQPBench.url(AMQPBench.brokerURL(), throughPort: proxy.port))
        configuration.connectTimeout = .seconds(1)
        configuration.callDeadline = .seconds(2)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let publisher = AMQPPublisher(configuration: configuration, logger: logger)
        let start = ContinuousClock.now
        let error = await #expect(throws: AMQPError.self) { try await publisher.declare(nothing) }
        #expect(error?.code == .connectFailed)
        #expect(start.duration(to: .now) < .seconds(4))
    }
}
