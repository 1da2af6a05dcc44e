import Dispatch

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A child that leads a process group, and what it has started.
///
/// The leader is not reaped here: until it is, its number can belong to no other group.
struct ProcessGroup: Sendable {
    let leader: pid_t
    /// One for each, since a serial queue gets a thread however many others wait in theirs.
    private let queue = DispatchQueue(label: "tool.end")

    /// Kills what is left of the group if the leader has ended; returns whether it has.
    func endIfLeaderHas() -> Bool {
        var information = siginfo_t()
        guard waitid(P_PID, id_t(leader), &information, WEXITED | WNOHANG | WNOWAIT) == 0,
            information.si_signo != 0
        else { return false }
        end()
        return true
    }

    /// Waits for the leader's end, then kills what is left of the group.
    ///
    /// Waits in a canceled task, too: cancelling ends the leader.
    func endAfterLeader() async {
        await withCheckedContinuation { continuation in
            queue.async {
                var information = siginfo_t()
                while waitid(P_PID, id_t(leader), &information, WEXITED | WNOWAIT) == -1, errno == EINTR {}
                end()
                continuation.resume()
            }
        }
    }

    private func end() { _ = kill(-leader, SIGKILL) }
}
