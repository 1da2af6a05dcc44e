import Foundation

/// Resident memory of this process, in bytes.
enum ResidentMemory {
    static func current() throws -> Int {
        #if os(Linux)
            let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
            guard fields.count > 1, let pages = Int(fields[1]) else { throw CocoaError(.fileReadCorruptFile) }
            return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
        #else
            var usage = rusage()
            getrusage(RUSAGE_SELF, &usage)
            return usage.ru_maxrss
        #endif
    }

    /// Runs `body` and samples: the most that was seen, and what `body` returned.
    static func peak<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> (peak: Int, value: Value) {
        try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask {
                var peak = try current()
                while !Task.isCancelled {
                    peak = max(peak, try current())
                    try? await ContinuousClock().sleep(for: .milliseconds(5))
                }
                return peak
            }
            let value = try await body()
            group.cancelAll()
            return (try await group.next() ?? current(), value)
        }
    }
}
