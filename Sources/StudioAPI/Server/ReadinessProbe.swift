/// One thing that the API needs to work.
package struct ReadinessProbe: Sendable {
    package let name: String
    /// Returns when the thing works, throws when it does not.
    package let check: @Sendable () async throws -> Void

    package init(_ name: String, check: @escaping @Sendable () async throws -> Void) {
        self.name = name
        self.check = check
    }
}

/// What the probes said last; asks again when that is too long ago.
actor ReadinessBoard {
    struct Answer: Codable {
        struct Check: Codable {
            let name: String
            let ok: Bool
            let detail: String
        }

        let ready: Bool
        let checks: [Check]
    }

    private let probes: [ReadinessProbe]
    private let reuse: Duration
    private var last: (at: ContinuousClock.Instant, answer: Answer)?

    init(probes: [ReadinessProbe], reuse: Duration) {
        self.probes = probes
        self.reuse = reuse
    }

    func answer() async -> Answer {
        if let last, ContinuousClock.now - last.at < reuse { return last.answer }
        let checks = await withTaskGroup { group in
            for (index, probe) in probes.enumerated() {
                group.addTask { (index, await Self.check(probe)) }
            }
            var checks: [(Int, Answer.Check)] = []
            for await check in group { checks.append(check) }
            return checks.sorted { $0.0 < $1.0 }.map(\.1)
        }
        let answer = Answer(ready: checks.allSatisfy(\.ok), checks: checks)
        last = (ContinuousClock.now, answer)
        return answer
    }

    /// Later answers count as none: whoever asks does not wait for them either.
    private static let probeLimit = Duration.seconds(2)

    private struct Overdue: Error {}

    private static func check(_ probe: ReadinessProbe) async -> Answer.Check {
        do {
            try await withThrowingTaskGroup { group in
                group.addTask { try await probe.check() }
                group.addTask {
                    try await Task.sleep(for: probeLimit)
                    throw Overdue()
                }
                defer { group.cancelAll() }
                try await group.next()
            }
            return Answer.Check(name: probe.name, ok: true, detail: "")
        } catch {
            // Without the error's text: this answer is public, and a driver's text may name hosts and users.
            return Answer.Check(name: probe.name, ok: false, detail: "does not answer as it should; see the log")
        }
    }
}
