import Foundation
import Postgres
import ServiceLifecycle
import Testing

@Suite(.timeLimit(.minutes(1))) struct PostgresListenerTests {
    @Test func `a notification wakes the reader, a lost connection is made again, and shutdown ends it`() async throws {
        try await PostgresBench.withDatabase { client async throws in
            let channel = "c" + UUID().uuidString.lowercased().replacing("-", with: "")
            var configuration = client.configuration
            configuration.applicationName = "listener-\(channel.prefix(9))"
            let name = configuration.applicationName
            let listener = try PostgresListener(
                configuration: configuration, channels: [channel], logger: PostgresBench.quiet)
            let group = ServiceGroup(services: [listener], logger: PostgresBench.quiet)
            async let running: Void = group.run()
            var heard = listener.notifications.makeAsyncIterator()
            #expect(await heard.next() == channel)

            try await client.transaction { try $0.execute("NOTIFY \(unsafe: channel)") }
            #expect(await heard.next() == channel)

            try await client.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = \(name)")
            #expect(await heard.next() == channel)
            try await client.execute("SELECT pg_notify(\(channel), '')")
            #expect(await heard.next() == channel)

            await group.triggerGracefulShutdown()
            try await running
            #expect(await heard.next() == nil)
        }
    }

    @Test(arguments: ["", "a b", "x\"; DROP TABLE t; --", "A"])
    func `a channel whose name needs quotes is refused`(channel: String) throws {
        let configuration = try PostgresBench.configuration()
        #expect(throws: PostgresError.self) {
            try PostgresListener(configuration: configuration, channels: [channel], logger: PostgresBench.quiet)
        }
    }
}
