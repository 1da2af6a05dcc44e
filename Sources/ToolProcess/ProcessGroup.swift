import Dispatch

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A child that leads a process group, and what it has started.
struct ProcessGroup: Sendable {
    private static let queue = DispatchQueue(label: "tool.end", attributes: .concurrent)

    let leader: pid_t

    /// Waits for the leader's end, then kills what is left of the group.
    ///
    /// The leader is not reaped here: until it is, its number can belong to no other group. Waits in a canceled task,
    /// too: cancelling ends the leader.
    func endAfterLeader() async {
        await withCheckedContinuation { continuation in
            Self.queue.async {
                var information = siginfo_t()
                while waitid(P_PID, id_t(leader), &information, WEXITED | WNOWAIT) == -1, errno == EINTR {}
                _ = kill(-leader, SIGKILL)
                continuation.resume()
            }
        }
    }
}
