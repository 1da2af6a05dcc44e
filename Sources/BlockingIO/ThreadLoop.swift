import Synchronization

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// What the thread of an executor runs: jobs in order, and between them the handler of the watched descriptor.
final class ThreadLoop: Sendable {
    /// A job and the executor that must stay alive until it has run.
    struct Entry: Sendable {
        let job: UnownedJob
        let executor: ThreadExecutor
    }

    struct Watch: Sendable {
        let descriptor: Int32
        let interval: Duration
        let handler: @Sendable () -> Void
        var due: ContinuousClock.Instant

        init(descriptor: Int32, interval: Duration, handler: @escaping @Sendable () -> Void) {
            self.descriptor = descriptor
            self.interval = interval
            self.handler = handler
            due = .now + interval
        }
    }

    private struct State {
        var entries: [Entry] = []
        var watch: Watch?
        var isAsleep = false
        var isFinishing = false
    }

    private enum Step {
        case run([Entry])
        case sleep
        case end
    }

    private let state = Mutex(State())
    private let pipe = WakePipe()
    private let thread = Atomic<UInt>(0)

    /// Whether the caller is on this loop's thread.
    var isCurrent: Bool { thread.load(ordering: .relaxed) == DetachedThread.currentIdentity }

    func append(_ entry: Entry) {
        let mustWake = state.withLock { state in
            state.entries.append(entry)
            defer { state.isAsleep = false }
            return state.isAsleep
        }
        if mustWake { pipe.wake() }
    }

    func watch(_ watch: Watch?) {
        // The old handler is released outside the lock: what it captured may have a deinit that enqueues.
        _ = state.withLock { state in
            defer { state.watch = watch }
            return state.watch
        }
    }

    /// Ends the loop.
    ///
    /// Only the executor's deinit calls this, so no job can be waiting.
    func finish() {
        state.withLock { $0.isFinishing = true }
        pipe.wake()
    }

    /// Runs until `finish()`.
    func run() {
        thread.store(DetachedThread.currentIdentity, ordering: .relaxed)
        while true {
            switch nextStep() {
            case .run(let entries):
                for entry in entries {
                    entry.job.runSynchronously(on: entry.executor.asUnownedSerialExecutor())
                }
                poll(sleeping: false)
            case .sleep:
                poll(sleeping: true)
            case .end:
                watch(nil)
                return
            }
        }
    }

    private func nextStep() -> Step {
        state.withLock { state in
            if !state.entries.isEmpty {
                var entries: [Entry] = []
                swap(&entries, &state.entries)
                return .run(entries)
            }
            if state.isFinishing { return .end }
            state.isAsleep = true
            return .sleep
        }
    }

    /// Looks at the pipe and the watched descriptor, waiting for them only when `sleeping`, and calls a due handler.
    private func poll(sleeping: Bool) {
        let watched = state.withLock { $0.watch }
        if watched == nil && !sleeping { return }
        var descriptors = [pollfd(fd: pipe.readEnd, events: Int16(POLLIN), revents: 0)]
        if let watched {
            descriptors.append(pollfd(fd: watched.descriptor, events: Int16(POLLIN), revents: 0))
        }
        let limit = sleeping ? watched.map { ($0.due - .now).pollMilliseconds } ?? -1 : 0
        #if canImport(Darwin)
            _ = Darwin.poll(&descriptors, nfds_t(descriptors.count), limit)
        #else
            _ = Glibc.poll(&descriptors, nfds_t(descriptors.count), limit)
        #endif
        state.withLock { $0.isAsleep = false }
        if descriptors[0].revents != 0 { pipe.drain() }
        if let watched { call(watched, events: descriptors[1].revents) }
    }

    private func call(_ watched: Watch, events: Int16) {
        guard events != 0 || watched.due <= .now else { return }
        let isInvalid = events & Int16(POLLNVAL) != 0
        state.withLock { state in
            // A closed descriptor would be reported for ever.
            if isInvalid { state.watch = nil } else { state.watch?.due = .now + watched.interval }
        }
        watched.handler()
    }
}
