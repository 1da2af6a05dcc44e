import StudioCore
import Testing

@Suite struct RetryBudgetTests {
    private let budget = RetryBudget(percent: 20, retriesMin: 10, window: .seconds(60))

    @Test func `little work may be repeated whole, much work only in part`() {
        #expect(budget.left(attempts: 0, retries: 0) == 10)
        #expect(budget.left(attempts: 10, retries: 5) == 7)
        #expect(budget.left(attempts: 1_000, retries: 200) == 10)
        #expect(budget.left(attempts: 1_000, retries: 210) == 0)
        #expect(budget.left(attempts: 1_000, retries: 5_000) == 0, "never below none")
    }

    /// Tasks that fail whatever one does, each as often as it is let.
    @Test func `a model that fails always burns a share of the attempts, not a multiple`() {
        var (attempts, retries, waiting) = (0, 0, 0)
        for _ in 0..<500 {
            attempts += 4
            waiting += 4
            let begun = min(waiting, budget.left(attempts: attempts, retries: retries))
            attempts += begun
            retries += begun
        }
        #expect(retries <= budget.retriesMin + attempts * budget.percent / 100)
        #expect(retries > 400, "but it is given what it may have")
    }
}
