/// What runs on this worker, until when each lease is believed, and who was asked to stop: pure, no clock, no tasks.
///
/// Times are those of the ``WorkerClock``.
struct AttemptLedger {
    /// The part of a lease after which the worker stops believing in it, for clocks that run at different speeds.
    static let leaseShare = 0.8

    struct Entry: Sendable {
        let lease: Duration
        /// When the worker gives the attempt up unless the lease is renewed before.
        var giveUpAt: Duration
        var progress = Progress(phase: "dispatched")
        var stop: StopReason?
        /// Its report, when the broker has taken that.
        fileprivate var reported: Reported?

        /// Whether its lease is to be left to others: work that does not stop must not keep it.
        fileprivate var isGivenUp: Bool { stop == .leaseLost || stop == .leaseExpired }
    }

    /// For how long a reported attempt is named in heartbeats at most, should the hub never write its report.
    static let reportedLife: Duration = .seconds(600)
    /// How many reported attempts are named at most, the newest.
    static let reportedMax = 256

    /// How soon a report is sent once more that the hub has not written: it may have been lost with its queue.
    ///
    /// The pause doubles each time.
    static let firstReminder: Duration = .seconds(30)

    /// A report that the broker has taken.
    fileprivate struct Reported: Sendable {
        let report: AttemptReport
        let at: Duration
        var remindAt: Duration
        var pause = AttemptLedger.firstReminder
    }

    /// A heartbeat that the hub has not answered yet.
    private struct Unanswered {
        let sentAt: Duration
        let names: Set<AttemptName>
    }

    private(set) var entries: [AttemptName: Entry] = [:]
    private(set) var isDraining = false
    private var unanswered: Unanswered?
    /// Attempts that have ended, whose reports the hub may not have written yet: they stay in the heartbeats until the
    /// hub calls them lost, so that finished work is not given to somebody else when reports are late.
    private var reported: [AttemptName: Reported] = [:]
    /// Attempts that have ended here, by when they cannot be granted any more.
    ///
    /// A hub that has not heard of one yet grants it to this worker again; but what it would make the second time need
    /// not be what it has uploaded.
    private var ended: [AttemptName: Duration] = [:]
    /// How many leases after the last known one a grant that is on its way may still arrive.
    private static let lateLeases = 2

    /// Takes an attempt in.
    ///
    /// - Parameter askedAt: when the claim was sent: the lease cannot have begun earlier, so it is never overrated.
    /// - Returns: false when that very attempt runs already, or has run here.
    mutating func begin(_ name: AttemptName, lease: Duration, askedAt: Duration) -> Bool {
        guard entries[name] == nil else { return false }
        guard ended[name] == nil else {
            // This grant has begun its lease anew.
            ended[name] = askedAt + lease * Self.lateLeases
            return false
        }
        entries[name] = Entry(lease: lease, giveUpAt: askedAt + lease * Self.leaseShare)
        return true
    }

    mutating func end(_ name: AttemptName) {
        guard let entry = entries.removeValue(forKey: name) else { return }
        ended[name] = entry.giveUpAt + entry.lease * Self.lateLeases
        guard let report = entry.reported else { return }
        reported[name] = report
        if reported.count > Self.reportedMax, let oldest = reported.min(by: { $0.value.at < $1.value.at }) {
            reported[oldest.key] = nil
        }
    }

    /// Notes that the broker has the attempt's report.
    mutating func noteReported(_ report: AttemptReport, at now: Duration) {
        entries[report.name]?.reported = Reported(report: report, at: now, remindAt: now + Self.firstReminder)
    }

    /// The reports that are to be sent once more now.
    mutating func overdueReports(at now: Duration) -> [AttemptReport] {
        let overdue = reported.filter { now >= $0.value.remindAt }
        for (name, report) in overdue {
            reported[name]?.pause = report.pause * 2
            reported[name]?.remindAt = now + report.pause * 2
        }
        return overdue.values.map(\.report)
    }

    mutating func note(_ progress: Progress, of name: AttemptName) {
        entries[name]?.progress = progress
    }

    /// What the next heartbeat says, or `nil` while the last one waits for its answer: then only one heartbeat can
    /// be meant by a renewal, and no lease is prolonged by an answer to an older one.
    mutating func heartbeat(at now: Duration) -> [AttemptName: Progress]? {
        guard unanswered == nil else { return nil }
        reported = reported.filter { now - $0.value.at < Self.reportedLife }
        ended = ended.filter { now < $0.value }
        let wanted = entries.filter { !$0.value.isGivenUp }
        unanswered = Unanswered(sentAt: now, names: Set(wanted.keys))
        return wanted.mapValues(\.progress).merging(reported.mapValues { _ in .reporting }) { running, _ in running }
    }

    /// How long the last heartbeat has waited for its answer; `nil` when none waits.
    func unansweredFor(at now: Duration) -> Duration? {
        unanswered.map { now - $0.sentAt }
    }

    /// The stream that carried the last heartbeat is gone, and the answer with it.
    mutating func streamEnded() {
        unanswered = nil
    }

    /// Takes the hub's answer to the last heartbeat, which it gives to every one: the leases that live on are
    /// prolonged, counted from when the heartbeat was sent.
    mutating func renewed(_ names: [AttemptName]) {
        guard let answered = unanswered else { return }
        unanswered = nil
        for name in names where answered.names.contains(name) {
            guard let lease = entries[name]?.lease else { continue }
            entries[name]?.giveUpAt = answered.sentAt + lease * Self.leaseShare
        }
    }

    /// Asks attempts to stop; the first reason stays.
    ///
    /// - Returns: those of them that run here and had not been asked before.
    mutating func stop(_ names: some Sequence<AttemptName>, _ reason: StopReason) -> [AttemptName] {
        if reason == .leaseLost { for name in names { reported[name] = nil } }
        return names.filter { name in
            guard let entry = entries[name], entry.stop == nil else { return false }
            entries[name]?.stop = reason
            return true
        }
    }

    /// Takes in no more.
    mutating func drain() {
        isDraining = true
    }
}
