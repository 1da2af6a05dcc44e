import Foundation
import Logging
import Postgres
import Testing

/// Real databases for tests: every test works in a schema of its own.
enum PostgresBench {
    struct Unavailable: Error, CustomStringConvertible {
        let description = "DATABASE_URL is not set: these tests need a real Postgres"
    }

    /// The client's settings for the database of the tests.
    static func configuration() throws -> PostgresClient.Configuration {
        guard let url = ProcessInfo.processInfo.environment["DATABASE_URL"], !url.isEmpty else { throw Unavailable() }
        return PostgresClient.Configuration(url: url, connections: 2, applicationName: "tests")
    }

    static var quiet: Logger {
        var logger = Logger(label: "tests")
        logger.logLevel = .critical
        return logger
    }

    /// Lends a client whose schema is new and goes away afterwards.
    @discardableResult
    static func withDatabase<T>(
        _ change: (inout PostgresClient.Configuration) -> Void = { _ in },
        _ body: (PostgresClient) async throws -> T
    ) async throws -> T {
        var configuration = try configuration()
        let schema = "test_" + UUID().uuidString.lowercased().replacing("-", with: "")
        let owner = PostgresClient(configuration: configuration, logger: quiet)
        try await owner.execute("CREATE SCHEMA \(unsafe: schema)")
        configuration.schema = schema
        change(&configuration)
        let client = PostgresClient(configuration: configuration, logger: quiet)
        let result: Result<T, any Error>
        do { result = .success(try await body(client)) } catch { result = .failure(error) }
        await client.close()
        try await owner.execute("DROP SCHEMA \(unsafe: schema) CASCADE")
        await owner.close()
        return try result.get()
    }

    /// Looks every few milliseconds until `condition` holds; false after `limit`.
    static func eventually(
        within limit: Duration = .seconds(20), _ condition: () async throws -> Bool
    ) async throws -> Bool {
        let deadline = ContinuousClock.now + limit
        while try await !condition() {
            guard ContinuousClock.now < deadline else { return false }
            try await Task.sleep(for: .milliseconds(10))
        }
        return true
    }
}
