/// One thing that a program needs to work.
package struct ReadinessProbe: Sendable {
    /// Later answers count as none: whoever asks does not wait for them either.
    static let limit = Duration.seconds(2)

    package let name: String
    let cure: String
    let check: @Sendable () async throws -> Void

    /// - Parameters:
    ///   - cure: what it means that the thing does not work, and what to look at; public, so never a secret.
    ///   - check: returns when the thing works, throws when it does not; what it throws is logged.
    package init(_ name: String, cure: String, check: @escaping @Sendable () async throws -> Void) {
        self.name = name
        self.cure = cure
        self.check = check
    }

    /// A probe of a plain condition.
    package init(_ name: String, cure: String, holds: @escaping @Sendable () -> Bool) {
        self.init(name, cure: cure) { if !holds() { throw Untrue(description: cure) } }
    }

    /// A probe that says itself what is wrong; public, so never a secret.
    package init(_ name: String, problem: @escaping @Sendable () -> String?) {
        self.init(name, cure: "") { if let problem = problem() { throw Problem(description: problem) } }
    }

    /// Its text is public.
    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    private struct Untrue: Error, CustomStringConvertible {
        let description: String
    }

    private struct Overdue: Error, CustomStringConvertible {
        let description = "no answer within \(ReadinessProbe.limit)"
    }

    /// Why the thing does not work; nil when it does.
    func failure() async -> (any Error)? {
        do {
            try await withThrowingTaskGroup { group in
                group.addTask { try await check() }
                group.addTask {
                    try await Task.sleep(for: Self.limit)
                    throw Overdue()
                }
                defer { group.cancelAll() }
                try await group.next()
            }
            return nil
        } catch {
            return error
        }
    }
}

extension ReadinessProbe {
    package static func database(check: @escaping @Sendable () async throws -> Void) -> ReadinessProbe {
        ReadinessProbe(
            "database", cure: "does not answer or refuses us: check DATABASE_URL and see the log", check: check)
    }

    package static func objectStore(check: @escaping @Sendable () async throws -> Void) -> ReadinessProbe {
        ReadinessProbe(
            "object_store",
            cure: "does not answer or refuses us: check S3_ENDPOINT, S3_BUCKET and the keys, and see the log",
            check: check)
    }

    package static func broker(holds: @escaping @Sendable () -> Bool) -> ReadinessProbe {
        ReadinessProbe("broker", cure: "not connected: check AMQP_URL and see the log", holds: holds)
    }
}
