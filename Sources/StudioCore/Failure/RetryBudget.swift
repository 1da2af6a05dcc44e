/// How much of what workers do for a tenant in one kind of task may be repetition of what failed, so that a broken
/// model does not burn the fleet, and holds up no other kind.
///
/// What is beyond it waits; it does not fail. Attempts that a worker's death ended do not count, nor those that were
/// given back: they say nothing against the task.
package struct RetryBudget: Sendable, Hashable {
    /// The share of a tenant's attempts of a kind that may be retries, in percent: 0...100.
    package var percent: Int
    /// So many retries of a kind in a window are always allowed, so that a tenant with little work can repeat it: 1 or
    /// more.
    package var retriesMin: Int
    /// The span before now that counts.
    package var window: Duration

    package static let standard = RetryBudget(percent: 20, retriesMin: 100, window: .seconds(60))

    package init(percent: Int, retriesMin: Int, window: Duration) {
        self.percent = percent
        self.retriesMin = retriesMin
        self.window = window
    }

    /// How many retries more may begin now.
    ///
    /// - Parameters:
    ///   - attempts: begun by the tenant's tasks of the kind within the window, retries among them.
    ///   - retries: begun within the window, or about to begin.
    package func left(attempts: Int, retries: Int) -> Int {
        max(0, retriesMin + attempts * percent / 100 - retries)
    }
}
