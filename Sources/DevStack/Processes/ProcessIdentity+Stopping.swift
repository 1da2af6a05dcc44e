import Dispatch

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension ProcessIdentity {
    private static let pollInterval = Duration.milliseconds(20)
    /// How long children may take to notice that their parent is gone.
    private static let childrenGrace = Duration.seconds(2)

    /// Waits until the process is gone, also in a cancelled task: stopping is what cancelled tasks do.
    ///
    /// - Returns: whether it went within the limit.
    func waitForEnd(within limit: Duration) async -> Bool {
        let deadline = ContinuousClock.now + limit
        while isAlive {
            if ContinuousClock.now >= deadline { return false }
            await Pause.uncancellable(for: Self.pollInterval)
        }
        return true
    }

    /// Stops the process and everything that descends from it: asks first, insists after the grace period.
    ///
    /// - Returns: whether it ended by itself.
    @discardableResult
    func stop(asking signal: Int32, grace: Duration) async -> Bool {
        guard isAlive else { return true }
        let children = ProcessTable.descendants(of: pid)
        send(signal)
        let willing = await waitForEnd(within: grace)
        if !willing {
            send(SIGKILL)
            _ = await waitForEnd(within: Self.childrenGrace)
        }
        let deadline = ContinuousClock.now + Self.childrenGrace
        for child in children {
            if await !child.waitForEnd(within: deadline - ContinuousClock.now) {
                child.send(SIGKILL)
                _ = await child.waitForEnd(within: Self.childrenGrace)
            }
        }
        return willing
    }
}

/// Waiting that cancellation does not cut short.
enum Pause {
    static func uncancellable(for duration: Duration) async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().asyncAfter(deadline: .now() + duration.seconds) { continuation.resume() }
        }
    }
}
