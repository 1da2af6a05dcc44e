import Logging
import Synchronization
import Testing

@testable import Telemetry

@Suite struct ReadinessBoardTests {
    private struct Broken: Error, CustomStringConvertible {
        let description = "no route to secret-host"
    }

    /// Keeps what is logged.
    private struct Pages: LogHandler {
        let lines: @Sendable (String) -> Void
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let values = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
            lines("\(event.level) \(event.message)\(values.joined())")
        }
    }

    private final class Thing: Sendable {
        let works = Mutex(true)
        let lines = Mutex<[String]>([])

        func board(startGrace: Duration = .zero, reuse: Duration = .zero) -> ReadinessBoard {
            let logger = Logger(label: "test") { _ in
                Pages(lines: { line in self.lines.withLock { $0.append(line) } })
            }
            let probe = ReadinessProbe("thing", cure: "check THING") {
                if !self.works.withLock({ $0 }) { throw Broken() }
            }
            return ReadinessBoard([probe], logger: logger, startGrace: startGrace, reuse: reuse)
        }
    }

    @Test func `a change is logged once each way, with the cause, and the answer tells the cure only`() async {
        let thing = Thing()
        let board = thing.board()
        for works in [true, true, false, false, false, true, true, false] {
            thing.works.withLock { $0 = works }
            let checks = await board.checks()
            #expect(checks.map(\.ok) == [works])
            #expect(checks.map(\.detail) == [works ? "" : "check THING"])
        }
        let notReady = "warning Not ready error=no route to secret-host part=thing"
        #expect(thing.lines.withLock { $0 } == [notReady, "info Ready again part=thing", notReady])
    }

    @Test func `what is missing just after the start is not worth a line`() async {
        let thing = Thing()
        thing.works.withLock { $0 = false }
        let board = thing.board(startGrace: .seconds(3600))
        #expect(await board.checks().map(\.ok) == [false])
        #expect(thing.lines.withLock { $0 } == [])
    }

    @Test func `an answer is used again for a moment`() async {
        let thing = Thing()
        let board = thing.board(reuse: .seconds(3600))
        #expect(await board.checks().map(\.ok) == [true])
        thing.works.withLock { $0 = false }
        #expect(await board.checks().map(\.ok) == [true])
    }

    @Test func `a plain condition is a probe too`() async {
        #expect(await ReadinessProbe("a", cure: "c", holds: { true }).failure() == nil)
        #expect(await ReadinessProbe("a", cure: "c", holds: { false }).failure().map { "\($0)" } == "c")
    }

    @Test func `whoever does not answer in time counts as away`() async {
        let start = ContinuousClock.now
        let probe = ReadinessProbe("a", cure: "c", check: { try await Task.sleep(for: .seconds(600)) })
        #expect(await probe.failure() != nil)
        #expect(ContinuousClock.now - start < .seconds(60))
    }
}
