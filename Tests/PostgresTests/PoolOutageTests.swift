import Testing

@testable import Postgres

@Suite struct PoolOutageTests {
    private let start = ContinuousClock.now
    private let away = PostgresError(.connectFailed, "Connection refused")
    private let refused = PostgresError(.connectFailed, "password", sqlState: .invalidPassword)

    @Test func `an outage is told when it begins, now and then, and when it ends`() {
        var outage = PoolOutage()
        var words: [PoolOutage.Word] = []
        for second in 0..<65 {
            if let word = outage.failed(away, at: start + .seconds(second)) { words.append(word) }
        }
        #expect(words == [.began, .lasts, .lasts])
        #expect(outage.ended(at: start + .seconds(70)) == .seconds(70))
        #expect(outage.ended(at: start + .seconds(71)) == nil)
        #expect(outage.failed(away, at: start + .seconds(72)) == .began)
    }

    @Test func `a refusal is told once, at once, however the outage began`() {
        var outage = PoolOutage()
        #expect(outage.failed(away, at: start) == .began)
        for second in 1..<100 {
            #expect(outage.failed(refused, at: start + .seconds(second)) == (second == 1 ? .refused : nil))
        }
        #expect(outage.failed(away, at: start + .seconds(100)) == .lasts)
    }

    @Test func `a refusal answers for others for a moment, and is asked for again then`() {
        var outage = PoolOutage()
        _ = outage.failed(away, at: start)
        #expect(outage.standingRefusal(at: start) == nil)
        _ = outage.failed(refused, at: start)
        #expect(outage.standingRefusal(at: start)?.sqlState == .invalidPassword)
        #expect(outage.standingRefusal(at: start + PoolOutage.refusalReuse) == nil)
        _ = outage.ended(at: start)
        #expect(outage.standingRefusal(at: start) == nil)
    }

    @Test func `the code of a refusal is read from libpq's verbose words, which lose what is for programmers`() {
        let error = Session.refusal(
            in: "connection to server at \"127.0.0.1\", port 5432 failed: FATAL:  28P01: password authentication "
                + "failed for user \"x\"; LOCATION:  auth_failed, auth.c:321")
        #expect(error.sqlState == .invalidPassword)
        #expect(error.isRefusal && error.isTransient)
        #expect(
            error.detail == "connection to server at \"127.0.0.1\", port 5432 failed: FATAL: password authentication "
                + "failed for user \"x\"")
    }

    @Test(arguments: [("57P03", false), ("53300", false), ("28000", true), ("3D000", true), ("42501", true)])
    func `only what passes by itself is waited for`(code: String, isRefusal: Bool) {
        #expect(Session.refusal(in: "failed: FATAL:  \(code): so it is").isRefusal == isRefusal)
        #expect(!PostgresError(.statementFailed, "so it is", sqlState: SQLState(rawValue: code)).isRefusal)
    }

    @Test func `a password that is missing is a refusal, a host that is away is none`() {
        #expect(Session.refusal(in: "fe_sendauth: no password supplied", needsPassword: true).isRefusal)
        #expect(!Session.refusal(in: "failed: Connection refused; Is the server running?").isRefusal)
    }
}
