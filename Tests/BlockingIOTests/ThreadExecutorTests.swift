import BlockingIO
import Synchronization
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

private final class Record: Sendable {
    let threads = Mutex<[UInt]>([])
    let deinitThreads = Mutex<[UInt]>([])
    let bytes = Atomic<Int>(0)
    let calls = Atomic<Int>(0)
}

private actor Owner {
    private let thread: ThreadExecutor
    private let record: Record
    private var count = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(name: String = "owner", record: Record) {
        thread = ThreadExecutor(name: name)
        self.record = record
    }

    isolated deinit {
        let thread = currentThread()
        record.deinitThreads.withLock { $0.append(thread) }
    }

    func visit() {
        count += 1
        let thread = currentThread()
        record.threads.withLock { $0.append(thread) }
    }

    func visits() -> Int { count }

    func watch(_ descriptor: Int32, every interval: Duration) {
        thread.watch(descriptor, every: interval) { [weak self] in
            self?.assumeIsolated { $0.read(descriptor) }
        }
    }

    func unwatch() { thread.unwatch() }

    private func read(_ descriptor: Int32) {
        record.calls.add(1, ordering: .relaxed)
        visit()
        var byte: UInt8 = 0
        if recv(descriptor, &byte, 1, Int32(MSG_DONTWAIT)) == 1 { record.bytes.add(1, ordering: .relaxed) }
    }
}

@Suite struct ThreadExecutorTests {
    @Test func `an actor runs every job on its own thread, also when called from many tasks`() async throws {
        let record = Record()
        let owner = Owner(record: record)
        let other = Owner(record: Record())
        await withTaskGroup { group in
            for _ in 0..<500 { group.addTask { await owner.visit() } }
            for _ in 0..<10 { group.addTask { await other.visit() } }
        }
        let threads = record.threads.withLock { $0 }
        #expect(threads.count == 500)
        #expect(Set(threads).count == 1)
        #expect(!threads.contains(currentThread()))
        #expect(await owner.visits() == 500)
    }

    @Test func `an isolated deinit runs on the thread of the actor`() async throws {
        let record = Record()
        do {
            let owner = Owner(record: record)
            await owner.visit()
        }
        #expect(try await eventually { record.deinitThreads.withLock { !$0.isEmpty } })
        #expect(record.deinitThreads.withLock { $0 } == record.threads.withLock { $0 })
    }

    @Test func `a readable descriptor calls the handler on the thread of the actor`() async throws {
        let record = Record()
        let owner = Owner(record: record)
        let pair = SocketPair()
        await owner.visit()
        await owner.watch(pair.near, every: .seconds(60))
        for _ in 0..<3 { pair.send() }
        #expect(try await eventually { record.bytes.load(ordering: .relaxed) == 3 })
        #expect(record.threads.withLock { Set($0).count } == 1)
        await owner.unwatch()
        let calls = record.calls.load(ordering: .relaxed)
        pair.send()
        await owner.visit()
        await owner.visit()
        #expect(record.calls.load(ordering: .relaxed) == calls)
        pair.shut()
    }

    @Test func `a hung up descriptor calls the handler`() async throws {
        let record = Record()
        let owner = Owner(record: record)
        let pair = SocketPair()
        await owner.watch(pair.near, every: .seconds(60))
        close(pair.far)
        #expect(try await eventually { record.calls.load(ordering: .relaxed) > 0 })
        await owner.unwatch()
        close(pair.near)
    }

    @Test func `a silent descriptor calls the handler every interval`() async throws {
        let record = Record()
        let owner = Owner(record: record)
        let pair = SocketPair()
        let start = ContinuousClock.now
        await owner.watch(pair.near, every: .milliseconds(20))
        #expect(try await eventually { record.calls.load(ordering: .relaxed) >= 5 })
        #expect(ContinuousClock.now - start >= .milliseconds(100))
        await owner.unwatch()
        pair.shut()
    }

    @Test func `a busy actor does not starve its descriptor`() async throws {
        let record = Record()
        let owner = Owner(record: record)
        let pair = SocketPair()
        await owner.watch(pair.near, every: .seconds(60))
        let busy = Task { while !Task.isCancelled { await owner.visit() } }
        let more = Task { while !Task.isCancelled { await owner.visit() } }
        pair.send()
        #expect(try await eventually { record.bytes.load(ordering: .relaxed) == 1 })
        busy.cancel()
        more.cancel()
        _ = await (busy.value, more.value)
        await owner.unwatch()
        pair.shut()
    }

    @Test func `thousands of executors come and go and leave no thread and no descriptor behind`() async throws {
        let name = "leak-check"
        let before = descriptorCount()
        let record = Record()
        for _ in 0..<100 {
            await withTaskGroup { group in
                for _ in 0..<30 {
                    group.addTask {
                        let owner = Owner(name: name, record: record)
                        await owner.visit()
                    }
                }
            }
        }
        #expect(try await eventually { record.deinitThreads.withLock { $0.count } == 3000 })
        #expect(record.threads.withLock { $0.count } == 3000)
        #expect(try await eventually { (threadCount(named: name) ?? 0) == 0 })
        if let before {
            // Other tests run beside this one, so a few descriptors may differ; 6000 would not fit.
            #expect(try await eventually { (descriptorCount() ?? 0) < before + 100 })
        }
    }

    @Test func `an executor that is dropped unused ends its thread`() async throws {
        do {
            let kept = ThreadExecutor(name: "unused-check")
            if threadCount(named: "blocked") != nil {
                #expect(try await eventually { threadCount(named: "unused-check") == 1 })
            }
            withExtendedLifetime(kept) {}
        }
        for _ in 0..<200 { _ = ThreadExecutor(name: "unused-check") }
        #expect(try await eventually { (threadCount(named: "unused-check") ?? 0) == 0 })
    }

    @Test func `a job that waits when its actor is let go still runs`() async throws {
        for _ in 0..<200 {
            let record = Record()
            let task: Task<Void, Never>
            do {
                let owner = Owner(record: record)
                task = Task { await owner.visit() }
            }
            await task.value
            #expect(record.threads.withLock { $0.count } == 1)
        }
    }
}
