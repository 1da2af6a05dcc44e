import ServiceLifecycle

/// Does `work` again and again until graceful shutdown or cancellation, with the pauses that it asks for.
///
/// A shutdown cuts a pause short, never the work under way.
func repeating(_ work: () async -> Duration) async {
    while !Task.isCancelled && !Task.isShuttingDownGracefully {
        let pause = await work()
        guard pause > .zero else {
            await Task.yield()
            continue
        }
        await cancelWhenGracefulShutdown { try? await Task.sleep(for: pause) }
    }
}
