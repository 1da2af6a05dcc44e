import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One life of a process: a pid alone may by now belong to somebody else.
package struct ProcessIdentity: Sendable, Codable, Hashable {
    package let pid: Int32
    /// What distinguishes this process from later ones with the same pid: boot and start time.
    package let birth: String

    package init(pid: Int32, birth: String) {
        self.pid = pid
        self.birth = birth
    }

    /// Identifies the process that has this pid now; nil when there is none or it has already ended.
    package init?(pid: Int32) {
        guard let birth = Self.birth(of: pid) else { return nil }
        self.init(pid: pid, birth: birth)
    }

    /// Whether exactly this process still lives; a zombie does not.
    package var isAlive: Bool { Self.birth(of: pid) == birth }

    /// Sends a signal if, and only if, the pid still belongs to this process.
    ///
    /// - Returns: whether the signal was sent.
    @discardableResult
    package func send(_ signal: Int32) -> Bool {
        isAlive && kill(pid, signal) == 0
    }

    #if os(Linux)
        private static let boot =
            (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8))?.prefix(8) ?? "unknown"

        private static func birth(of pid: Int32) -> String? {
            guard pid > 0, let fields = ProcessTable.statFields(of: pid), fields.count > ProcessTable.startTimeField
            else { return nil }
            if ["Z", "X"].contains(fields[0]) { return nil }
            return "\(boot)-\(fields[ProcessTable.startTimeField])"
        }
    #else
        private static func birth(of pid: Int32) -> String? {
            var info = kinfo_proc()
            var size = MemoryLayout<kinfo_proc>.stride
            var name = [CTL_KERN, KERN_PROC, KERN_PROC_PID, pid]
            guard pid > 0, sysctl(&name, UInt32(name.count), &info, &size, nil, 0) == 0, size > 0,
                Int32(info.kp_proc.p_stat) != SZOMB
            else { return nil }
            let start = info.kp_proc.p_un.__p_starttime
            return "\(start.tv_sec).\(start.tv_usec)"
        }
    #endif
}
