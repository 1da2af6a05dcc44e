import StudioCore
import Testing

@testable import WorkerRuntime

@Suite struct AttemptLedgerTests {
    private let name = AttemptName(task: TaskID(), attempt: 3)

    private func ledger(askedAt: Duration = .zero) -> AttemptLedger {
        var ledger = AttemptLedger()
        _ = ledger.begin(name, lease: .seconds(10), askedAt: askedAt)
        return ledger
    }

    @Test func `a lease is believed for four fifths of its time from when the claim was sent`() {
        let ledger = ledger(askedAt: .seconds(5))
        #expect(ledger.entries[name]?.giveUpAt == .seconds(13))
    }

    @Test func `a renewal counts from when its heartbeat was sent, not from when the answer came`() {
        var ledger = ledger()
        let heartbeat = ledger.heartbeat(at: .seconds(3))
        #expect(heartbeat?.keys.contains(name) == true)
        ledger.renewed([name])
        #expect(ledger.entries[name]?.giveUpAt == .seconds(11))
    }

    @Test func `no heartbeat is sent while another one waits for its answer`() {
        var ledger = ledger()
        let first = ledger.heartbeat(at: .seconds(1))
        let second = ledger.heartbeat(at: .seconds(2))
        #expect(first != nil && second == nil)
        #expect(ledger.unansweredFor(at: .seconds(4)) == .seconds(3))
        ledger.renewed([])
        let third = ledger.heartbeat(at: .seconds(5))
        #expect(third != nil)
    }

    @Test func `an attempt that began after the heartbeat is not renewed by its answer`() {
        var ledger = AttemptLedger()
        _ = ledger.heartbeat(at: .seconds(1))
        _ = ledger.begin(name, lease: .seconds(10), askedAt: .seconds(2))
        ledger.renewed([name])
        #expect(ledger.entries[name]?.giveUpAt == .seconds(10))
    }

    @Test func `an answer that nobody waits for prolongs nothing`() {
        var ledger = ledger()
        _ = ledger.heartbeat(at: .seconds(3))
        ledger.streamEnded()
        ledger.renewed([name])
        #expect(ledger.entries[name]?.giveUpAt == .seconds(8))
        #expect(ledger.unansweredFor(at: .seconds(9)) == nil)
    }

    @Test func `only the first reason to stop counts, and only for what runs`() {
        var ledger = ledger()
        let stranger = AttemptName(task: name.task, attempt: 2)
        let stopped = ledger.stop([name, stranger], .canceled)
        let again = ledger.stop([name], .leaseLost)
        #expect(stopped == [name] && again.isEmpty)
        #expect(ledger.entries[name]?.stop == .canceled)
    }

    @Test(arguments: [StopReason.leaseExpired, .leaseLost])
    func `an attempt that has been given up does not keep its lease, even if its work goes on`(reason: StopReason) {
        var ledger = ledger()
        _ = ledger.stop([name], reason)
        let heartbeat = ledger.heartbeat(at: .seconds(9))
        #expect(heartbeat?.isEmpty == true)
        #expect(ledger.entries[name] != nil, "its slot is taken as long as it goes on")
    }

    @Test(arguments: [StopReason.canceled, .timeLimit, .noProgress, .handBack])
    func `an attempt that was told to stop keeps its lease until it is reported`(reason: StopReason) {
        var ledger = ledger()
        _ = ledger.stop([name], reason)
        let heartbeat = ledger.heartbeat(at: .seconds(3))
        #expect(heartbeat?.keys.contains(name) == true)
    }

    @Test func `a report that the hub does not write is sent again, each time later, until it is written`() {
        let report = AttemptReport(
            name: name, worker: WorkerID(), token: "token", result: .canceled, times: AttemptTimes())
        var ledger = ledger()
        ledger.noteReported(report, at: .seconds(1))
        ledger.end(name)
        func reminders(_ seconds: ClosedRange<Int>) -> [Int] {
            seconds.filter { second in
                _ = ledger.heartbeat(at: .seconds(second))
                ledger.streamEnded()
                return !ledger.overdueReports(at: .seconds(second)).isEmpty
            }
        }
        #expect(reminders(1...100) == [31, 91])
        _ = ledger.stop([name], .leaseLost)
        #expect(reminders(101...1_000).isEmpty)
        ledger = self.ledger(askedAt: .zero)
        ledger.noteReported(report, at: .seconds(1))
        ledger.end(name)
        #expect(reminders(1...2_000) == [31, 91, 211, 451], "not longer than its attempt is named")
    }

    @Test func `the same attempt does not begin twice, not even when it has ended and is granted again`() {
        var ledger = ledger()
        let again = ledger.begin(name, lease: .seconds(10), askedAt: .zero)
        ledger.end(name)
        let afterwards = ledger.begin(name, lease: .seconds(10), askedAt: .seconds(9))
        let next = ledger.begin(AttemptName(task: name.task, attempt: 2), lease: .seconds(10), askedAt: .seconds(9))
        #expect(!again && !afterwards && next)
    }

    @Test func `attempts that have ended are forgotten when nobody can be granted them any more`() {
        var ledger = ledger(askedAt: .zero)
        ledger.end(name)
        _ = ledger.heartbeat(at: .seconds(27))
        ledger.renewed([])
        let early = ledger.begin(name, lease: .seconds(10), askedAt: .seconds(27))
        _ = ledger.heartbeat(at: .seconds(46))
        ledger.renewed([])
        // That grant has prolonged the lease.
        let later = ledger.begin(name, lease: .seconds(10), askedAt: .seconds(46))
        _ = ledger.heartbeat(at: .seconds(66))
        ledger.renewed([])
        let late = ledger.begin(name, lease: .seconds(10), askedAt: .seconds(66))
        #expect(!early && !later && late)
    }

    @Test func `what begins after the order to stop everything is stopped too`() async {
        let attempts = RunningAttempts()
        attempts.stopAll(.handBack)
        let stops = attempts.begin(name, lease: .seconds(10), askedAt: .zero)
        var iterator = stops?.makeAsyncIterator()
        #expect(await iterator?.next() == .handBack)
    }
}
