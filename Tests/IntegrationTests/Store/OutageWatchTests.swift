import Orchestrator
import Testing

/// When leases are left alone, because it was not the workers that were away.
@Suite struct OutageWatchTests {
    private let start = ContinuousClock.now

    /// A watch that has been answered every second up to `seconds`.
    private func watch(upTo seconds: Int) -> OutageWatch {
        var watch = OutageWatch()
        for second in 0...seconds { watch.note(silence: .seconds(1), at: start + .seconds(second)) }
        return watch
    }

    @Test func `nobody waits while the database answers and somebody is heard of`() {
        let watch = watch(upTo: 60)
        #expect(!watch.mustWait(at: start + .seconds(60)))
    }

    @Test func `a database that answers late has stood still, whoever is heard of first`() {
        var watch = watch(upTo: 10)
        let thaw = start + .seconds(10) + OutageWatch.silenceMax + .milliseconds(1)
        watch.note(silence: .zero, at: thaw)
        #expect(watch.mustWait(at: thaw))
        #expect(watch.mustWait(at: thaw + OutageWatch.returnTime - .milliseconds(1)))
        watch.note(silence: .zero, at: thaw + .seconds(4))
        #expect(!watch.mustWait(at: thaw + OutageWatch.returnTime))
    }

    @Test func `an answer that is only slow is no outage`() {
        var watch = watch(upTo: 10)
        let answer = start + .seconds(10) + OutageWatch.silenceMax
        watch.note(silence: OutageWatch.silenceMax, at: answer)
        #expect(!watch.mustWait(at: answer))
    }

    @Test func `when nobody at all is heard of, it is our side`() {
        var watch = watch(upTo: 10)
        watch.note(silence: OutageWatch.silenceMax + .milliseconds(1), at: start + .seconds(11))
        #expect(watch.mustWait(at: start + .seconds(11)))
    }

    @Test func `no worker at all is no outage, and the first answer says nothing`() {
        var watch = OutageWatch()
        watch.note(at: start)
        #expect(!watch.mustWait(at: start))
    }

    @Test func `a database that failed is waited for from its last failure on`() {
        var watch = watch(upTo: 10)
        watch.noteFailure(at: start + .seconds(11))
        watch.noteFailure(at: start + .seconds(12))
        #expect(watch.mustWait(at: start + .seconds(12) + OutageWatch.returnTime - .milliseconds(1)))
        #expect(!watch.mustWait(at: start + .seconds(12) + OutageWatch.returnTime))
    }
}
