import StudioCore
import Testing

@testable import WorkerRuntime

@Suite struct AttemptVerdictTests {
    private typealias Outcome = Result<[UploadedFile], any Error>
    private let success = Outcome.success([])
    private let stopped = Outcome.failure(CancellationError())

    private func verdict(_ reason: StopReason?, _ outcome: Outcome, isInterrupted: Bool = false) -> AttemptVerdict {
        AttemptVerdict(
            reason: reason, outcome: outcome, isInterrupted: isInterrupted, noProgressLimit: .milliseconds(1_500))
    }

    @Test(arguments: [StopReason.leaseLost, .leaseExpired])
    func `an attempt without a lease says nothing, however it ended`(reason: StopReason) {
        #expect(verdict(reason, success) == .silence)
        #expect(verdict(reason, stopped) == .silence)
    }

    @Test func `a canceled attempt is reported canceled even when it was done`() {
        #expect(verdict(.canceled, success) == .report(.canceled))
    }

    @Test(arguments: [StopReason.handBack, .timeLimit, .noProgress])
    func `work that was done in spite of the order to stop counts`(reason: StopReason) {
        #expect(verdict(reason, success) == .report(.completed([])))
    }

    @Test func `an attempt that is handed back is not blamed for what its end broke`() {
        let broken = Outcome.failure(TaskFailure(.temporary, code: "ffmpeg_failed", detail: "killed"))
        #expect(verdict(.handBack, broken) == .report(.handedBack))
    }

    @Test func `a passed time limit is a temporary failure`() {
        guard case .report(.failed(let failure)) = verdict(.timeLimit, stopped) else {
            Issue.record("no failure")
            return
        }
        #expect(failure.errorClass == .temporary)
        #expect(failure.code == "time_limit")
    }

    @Test func `too long a silence is a temporary failure that names its limit`() {
        guard case .report(.failed(let failure)) = verdict(.noProgress, stopped) else {
            Issue.record("no failure")
            return
        }
        #expect(failure.errorClass == .temporary && failure.code == "no_progress")
        #expect(failure.detail.contains("1.5 s") && failure.detail.contains("WORKER_NO_PROGRESS_SECONDS"))
    }

    @Test(arguments: ErrorClass.allCases)
    func `a failure keeps its class, but for cancellation and fencing`(errorClass: ErrorClass) {
        let failure = TaskFailure(errorClass, code: "x", detail: "y")
        let expected: AttemptVerdict =
            switch errorClass {
            case .canceled: .report(.canceled)
            case .fenced: .silence
            default: .report(.failed(failure))
            }
        #expect(verdict(nil, .failure(failure)) == expected)
    }

    @Test func `a fenced upload ends in silence`() {
        #expect(verdict(nil, .failure(HubError(.fenced, "newer attempt"))) == .silence)
    }

    @Test func `cancellation from outside sends the hint back without a report`() {
        #expect(verdict(nil, stopped, isInterrupted: true) == .interrupted)
    }

    @Test func `an executor that gives up without having been asked has failed`() {
        guard case .report(.failed(let failure)) = verdict(nil, stopped) else {
            Issue.record("no failure")
            return
        }
        #expect(failure.code == "executor_failed")
    }
}
