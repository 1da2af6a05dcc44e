/// The time by which leases and limits are judged: monotonic, and it counts while the machine sleeps.
package protocol WorkerClock: Sendable {
    /// Time since an arbitrary origin of this process.
    var now: Duration { get }

    /// Returns when ``now`` has reached `deadline`; throws `CancellationError` when its task is canceled first.
    func sleep(until deadline: Duration) async throws
}

extension WorkerClock {
    /// Returns after `duration`; throws `CancellationError` when its task is canceled first.
    package func sleep(for duration: Duration) async throws {
        try await sleep(until: now + duration)
    }
}

/// The machine's own clock: `CLOCK_BOOTTIME` on Linux, `mach_continuous_time` on macOS.
///
/// A worker that wakes from suspend must see that its lease is long gone; a clock that stands still meanwhile would
/// let it go on.
package struct BootClock: WorkerClock {
    private let origin = ContinuousClock.now

    package init() {}

    package var now: Duration { origin.duration(to: .now) }

    package func sleep(until deadline: Duration) async throws {
        try await ContinuousClock().sleep(until: origin.advanced(by: deadline))
    }
}
