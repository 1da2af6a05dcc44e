/// What chaos did to a studio, and what became of what it had promised.
package struct ChaosReport: Encodable, Sendable, Hashable {
    /// What one kind of fault did.
    package struct FaultLine: Codable, Sendable, Hashable {
        package let kind: FaultKind
        package let injected: Int
        /// Planned, but there was nothing to break, this machine cannot do it, or it went wrong.
        package let notInjected: Int
        /// From the fault to the first success that depended on what it broke, in seconds.
        package let recovery: Spread

        private enum CodingKeys: String, CodingKey {
            case kind, injected
            case notInjected = "not_injected"
            case recovery = "recovery_s"
        }
    }

    /// Tasks that succeeded each second.
    package struct Throughput: Codable, Sendable, Hashable {
        package let before: Double
        package let during: Double
        package let after: Double
    }

    /// What must be above 0 for a long run to prove anything.
    package struct Evidence: Codable, Sendable, Hashable {
        package var staleReportsRejected = 0
        package var forgedReportsRefused = 0
        package var takeOvers = 0
        /// Hints that came again, for work that somebody had or that was done.
        package var repeatedHints = 0
        package var lostHintsSentAgain = 0
        /// Uploads whose object was there already.
        package var preconditionsFailed = 0
        /// Cancels that met running work, or work that had just ended.
        package var cancelRaces = 0
        /// Submissions that were asked again without an answer to the first.
        package var unansweredSubmissions = 0

        private enum CodingKeys: String, CodingKey {
            case staleReportsRejected = "stale_reports_rejected"
            case forgedReportsRefused = "forged_reports_refused"
            case takeOvers = "take_overs"
            case repeatedHints = "repeated_hints"
            case lostHintsSentAgain = "lost_hints_sent_again"
            case preconditionsFailed = "preconditions_failed"
            case cancelRaces = "cancel_races"
            case unansweredSubmissions = "unanswered_submissions"
        }

        /// What was never seen.
        package var absent: [String] {
            [
                ("stale reports rejected", staleReportsRejected), ("forged reports refused", forgedReportsRefused),
                ("take-overs", takeOvers), ("repeated hints", repeatedHints),
                ("lost hints sent again", lostHintsSentAgain), ("preconditions failed (412)", preconditionsFailed),
                ("cancel races", cancelRaces), ("unanswered submissions", unansweredSubmissions),
            ].filter { $0.1 == 0 }.map(\.0)
        }
    }

    package struct Tasks: Codable, Sendable, Hashable {
        package var total = 0
        package var succeeded = 0
        package var failed = 0
        package var canceled = 0
        package var skipped = 0
        /// Why tasks failed, by code.
        package var failures: [String: Int] = [:]
    }

    package let seed: UInt64
    package let seconds: Int
    /// What to type to see the same faults again.
    package let command: String
    package let runs: Int
    package let heldBack: Int
    package let tasks: Tasks
    package let faults: [FaultLine]
    package let lost: [String]
    package let duplicated: [String]
    /// Promises that were broken, each with its rule.
    package let violations: [String]
    package let evidence: Evidence
    /// From a worker's death to somebody else's claim, in seconds: all, and those that no other fault got in the
    /// way of.
    package let takeOver: Spread
    package let takeOverUndisturbed: Spread
    /// The longest time without any success, in seconds.
    package let longestOutage: Double
    package let throughput: Throughput
    /// From the end of the load until nothing was left to do, in seconds; nil when that never came.
    package let quietAfter: Double?
    /// Objects that no row shows.
    package let garbage: Int
    package let growth: [String: Growth]
    package let history: String

    /// Whether every promise was kept.
    package var isPassed: Bool { lost.isEmpty && duplicated.isEmpty && violations.isEmpty && quietAfter != nil }

    private enum CodingKeys: String, CodingKey {
        case seed, seconds, command, runs, tasks, faults, lost, duplicated, violations, evidence, throughput, growth
        case garbage, history
        case heldBack = "held_back"
        case takeOver = "take_over_s"
        case takeOverUndisturbed = "take_over_undisturbed_s"
        case longestOutage = "longest_outage_s"
        case quietAfter = "quiet_after_s"
        case isPassed = "passed"
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(isPassed, forKey: .isPassed)
        try fields.encode(seed, forKey: .seed)
        try fields.encode(seconds, forKey: .seconds)
        try fields.encode(command, forKey: .command)
        try fields.encode(runs, forKey: .runs)
        try fields.encode(heldBack, forKey: .heldBack)
        try fields.encode(tasks, forKey: .tasks)
        try fields.encode(faults, forKey: .faults)
        try fields.encode(lost, forKey: .lost)
        try fields.encode(duplicated, forKey: .duplicated)
        try fields.encode(violations, forKey: .violations)
        try fields.encode(evidence, forKey: .evidence)
        try fields.encode(takeOver, forKey: .takeOver)
        try fields.encode(takeOverUndisturbed, forKey: .takeOverUndisturbed)
        try fields.encode(longestOutage, forKey: .longestOutage)
        try fields.encode(throughput, forKey: .throughput)
        try fields.encodeIfPresent(quietAfter, forKey: .quietAfter)
        try fields.encode(garbage, forKey: .garbage)
        try fields.encode(growth, forKey: .growth)
        try fields.encode(history, forKey: .history)
    }
}
