import Testing

@testable import StudioCore

@Suite struct RetryPolicyTests {
    private let policy = RetryPolicy.standard

    private func decide(
        _ errorClass: ErrorClass, attempt: Int, of attemptsMax: Int = 100, after: Double? = nil, jitter: Double = 0
    ) -> RetryPolicy.Decision {
        let failure = TaskFailure(errorClass, code: "test", detail: "", retryAfterSeconds: after)
        return policy.decide(failure, attempt: attempt, attemptsMax: attemptsMax, jitter: jitter)
    }

    @Test(arguments: [ErrorClass.userError, .billing, .poison, .canceled, .fenced])
    func `what cannot pass is never repeated`(errorClass: ErrorClass) {
        #expect(decide(errorClass, attempt: 1) == .fail)
        #expect(decide(errorClass, attempt: 1, after: 1) == .fail)
    }

    @Test(arguments: [ErrorClass.rateLimit, .temporary, .resource])
    func `what may pass is repeated until the last attempt`(errorClass: ErrorClass) {
        for attempt in 1...2 { #expect(decide(errorClass, attempt: attempt, of: 3) != .fail) }
        for attempt in 3...5 { #expect(decide(errorClass, attempt: attempt, of: 3) == .fail) }
    }

    @Test func `the delay doubles up to its limit, and jitter only shortens it by half`() {
        for (attempt, seconds) in zip(1..., [1.0, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]) {
            #expect(decide(.temporary, attempt: attempt, jitter: 0) == .retry(afterSeconds: seconds / 2))
            guard case .retry(let longest) = decide(.temporary, attempt: attempt, jitter: 0.999_999) else {
                Issue.record("attempt \(attempt) is not repeated")
                continue
            }
            #expect(longest < seconds && longest > seconds * 0.999)
        }
        #expect(decide(.temporary, attempt: .max - 1, of: .max) == .retry(afterSeconds: 150))
    }

    @Test func `a provider's own delay is believed within reason`() {
        #expect(decide(.rateLimit, attempt: 1, after: 17, jitter: 0) == .retry(afterSeconds: 17))
        #expect(decide(.rateLimit, attempt: 1, after: 1e9, jitter: 0) == .retry(afterSeconds: 3_600))
        #expect(decide(.rateLimit, attempt: 1, after: -5) == .retry(afterSeconds: 0))
    }

    @Test func `what was asked to wait together comes back one by one, and never too soon`() {
        #expect(decide(.temporary, attempt: 1, after: 30, jitter: 0.5) == .retry(afterSeconds: 45))
        #expect(decide(.temporary, attempt: 1, after: 30, jitter: 0) == .retry(afterSeconds: 30))
        #expect(decide(.temporary, attempt: 1, after: 0, jitter: 0.9) == .retry(afterSeconds: 0))
    }

    @Test func `a rate limit that names no time waits for one to two minutes`() {
        #expect(decide(.rateLimit, attempt: 1, jitter: 0) == .retry(afterSeconds: 60))
        #expect(decide(.rateLimit, attempt: 2, jitter: 0.5) == .retry(afterSeconds: 90))
    }

    @Test func `a failure's detail is cut at its limit`() {
        let failure = TaskFailure(.temporary, code: "x", detail: String(repeating: "é", count: 5_000))
        #expect(failure.detail.count == TaskFailure.detailMax)
    }
}
