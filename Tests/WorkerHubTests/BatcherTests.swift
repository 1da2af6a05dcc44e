import Synchronization
import Testing

@testable import WorkerHub

@Suite struct BatcherTests {
    private struct Broken: Error {}

    /// Runs a batcher while `body` uses it.
    private func serving<Order, Answer>(
        _ batcher: Batcher<Order, Answer>, _ body: () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await batcher.run() }
            try await body()
            group.cancelAll()
        }
    }

    @Test func `every caller gets the answer to its own order`() async throws {
        let batcher = Batcher<Int, Int>(batchMax: 7) { orders in orders.map { $0 * 2 } }
        try await serving(batcher) {
            let answers = try await withThrowingTaskGroup(of: (Int, Int).self) { group in
                for order in 0..<500 { group.addTask { (order, try await batcher.submit(order)) } }
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            #expect(answers.count == 500)
            #expect(answers.allSatisfy { $0.value == $0.key * 2 })
        }
    }

    @Test func `while a batch is on its way the next one fills, up to its limit`() async throws {
        let sizes = Mutex<[Int]>([])
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let batcher = Batcher<Int, Int>(batchMax: 10) { orders in
            sizes.withLock { $0.append(orders.count) }
            if sizes.withLock({ $0.count }) == 1 { for await _ in gate { break } }
            return orders
        }
        try await serving(batcher) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = try await batcher.submit(0) }
                while sizes.withLock({ $0.isEmpty }) { await Task.yield() }
                for order in 1...25 { group.addTask { _ = try await batcher.submit(order) } }
                while batcher.waitingCount < 25 { await Task.yield() }
                open.yield()
                try await group.waitForAll()
            }
        }
        #expect(sizes.withLock { $0 } == [1, 10, 10, 5])
    }

    @Test func `a failed batch fails its callers and no others`() async throws {
        let batcher = Batcher<Int, Int>(batchMax: 1) { orders in
            if orders[0] == 13 { throw Broken() }
            return orders
        }
        try await serving(batcher) {
            await #expect(throws: Broken.self) { try await batcher.submit(13) }
            let answer = try await batcher.submit(1)
            #expect(answer == 1)
        }
    }

    @Test func `whoever waits when it ends is refused, and so is everybody later`() async throws {
        let batcher = Batcher<Int, Int>(batchMax: 1) { $0 }
        try await serving(batcher) {
            let answer = try await batcher.submit(1)
            #expect(answer == 1)
        }
        await #expect(throws: CancellationError.self) { try await batcher.submit(2) }
    }
}
