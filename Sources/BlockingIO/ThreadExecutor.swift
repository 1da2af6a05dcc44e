/// A thread that an actor can own: a serial executor that sleeps in `poll(2)` on a pipe and at most one descriptor.
///
/// An actor that keeps a blocking C handle owns one of these and returns it from `unownedExecutor`. Its jobs and its
/// `isolated deinit` then all run on one thread, and the cooperative pool is never blocked.
///
/// Jobs are never dropped: each waits together with a strong reference to the executor, so the executor lives until
/// its last job has run. The thread itself holds only the loop and ends when the executor is gone.
package final class ThreadExecutor: SerialExecutor {
    private let loop = ThreadLoop()

    /// Starts the thread.
    ///
    /// `name` shows in debuggers; Linux keeps its first 15 bytes.
    package init(name: String) {
        DetachedThread.start(name: name) { [loop] in loop.run() }
    }

    deinit {
        // May run on the thread itself, after its last job: ask, never join.
        loop.finish()
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        loop.append(ThreadLoop.Entry(job: UnownedJob(job), executor: self))
    }

    package func checkIsolated() {
        precondition(loop.isCurrent, "not on the thread of this executor")
    }

    package func isIsolatingCurrentContext() -> Bool? {
        loop.isCurrent
    }

    /// Watches one descriptor in place of the previous one: `handler` runs on the thread when `descriptor` is readable
    /// or hung up, and at the latest every `interval`.
    ///
    /// Call it on the thread, that is isolated to the actor, and again or `unwatch()` before closing the descriptor.
    /// The handler may use `assumeIsolated`; it must hold the actor weakly, and must read what there is or unwatch,
    /// for a descriptor that stays readable calls it again at once.
    package func watch(_ descriptor: Int32, every interval: Duration, handler: @escaping @Sendable () -> Void) {
        checkIsolated()
        loop.watch(ThreadLoop.Watch(descriptor: descriptor, interval: interval, handler: handler))
    }

    /// Forgets the watched descriptor; call it on the thread.
    package func unwatch() {
        checkIsolated()
        loop.watch(nil)
    }
}
