import Logging
import Testing

@testable import ObjectStore

@Suite struct RetryPolicyTests {
    private let log = TransferLog(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, operation: "test")
    private let quick = RetryPolicy(attempts: 3, base: .milliseconds(1), cap: .milliseconds(2))

    @Test func `waits double up to the cap, half of them by chance`() {
        let policy = RetryPolicy(base: .milliseconds(100), cap: .seconds(1))
        #expect(policy.delay(after: 1, chance: 0) == .milliseconds(50))
        #expect(policy.delay(after: 2, chance: 0.5) == .milliseconds(150))
        #expect(policy.delay(after: 4, chance: 0) == .milliseconds(400))
        #expect(policy.delay(after: 5, chance: 0) == .milliseconds(500))
        #expect(policy.delay(after: .max, chance: 0) == .milliseconds(500))
    }

    @Test func `a transient failure is tried again, within limits`() async throws {
        let value = try await quick.run(logging: log) { attempt in
            if attempt < 3 { throw ObjectStoreError(.throttled, "later") }
            return attempt
        }
        #expect(value == 3)
        var tries = 0
        await #expect(throws: ObjectStoreError.self) {
            try await quick.run(logging: log) { _ in
                tries += 1
                throw ObjectStoreError(.unreachable, "gone")
            }
        }
        #expect(tries == 3)
    }

    @Test func `a lasting failure is not tried again`() async {
        var tries = 0
        await #expect(throws: ObjectStoreError.self) {
            try await quick.run(logging: log) { _ in
                tries += 1
                throw ObjectStoreError(.denied, "no")
            }
        }
        #expect(tries == 1)
    }

    @Test func `a deadline ends what does not end`() async {
        let begin = ContinuousClock.now
        await #expect {
            try await before(begin + .milliseconds(50), operation: "waiting") {
                try await ContinuousClock().sleep(for: .seconds(60))
            }
        } throws: {
            ($0 as? ObjectStoreError)?.code == .timeout
        }
        #expect(ContinuousClock.now - begin < .seconds(10))
    }
}
