import StudioCore
import Testing

@testable import WorkerRuntime

@Suite struct SlotGateTests {
    @Test func `a task that a person waits for goes before those that came earlier`() async throws {
        let gate = SlotGate(slots: 1)
        let order = Box<[TaskPriority]>([])
        try await gate.enter(.batch)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (waiting, priority) in [TaskPriority.batch, .interactive].enumerated() {
                group.addTask {
                    try await gate.enter(priority)
                    order.change { $0.append(priority) }
                    gate.leave()
                }
                try await eventually("somebody more waits") { gate.waiting == waiting + 1 }
            }
            gate.leave()
            try await group.waitForAll()
        }
        #expect(order.value == [.interactive, .batch])
    }

    @Test func `a closed gate turns away who waits and who comes`() async throws {
        let gate = SlotGate(slots: 1)
        try await gate.enter(.batch)
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await gate.enter(.batch) }
            while gate.waiting == 0 { await Task.yield() }
            gate.close()
            await #expect(throws: SlotGate.Closed.self) { try await group.next() }
        }
        await #expect(throws: SlotGate.Closed.self) { try await gate.enter(.interactive) }
    }

    @Test func `a canceled waiter takes no slot with it`() async throws {
        let gate = SlotGate(slots: 1)
        try await gate.enter(.batch)
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await gate.enter(.batch) }
            while gate.waiting == 0 { await Task.yield() }
            group.cancelAll()
            await #expect(throws: CancellationError.self) { try await group.next() }
        }
        gate.leave()
        try await gate.enter(.batch)
    }
}
