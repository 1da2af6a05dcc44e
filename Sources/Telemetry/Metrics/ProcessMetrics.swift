import FoundationEssentials

/// What the operating system knows of this process; only on Linux, elsewhere nothing is there.
enum ProcessMetrics {
    private static let started = Date()

    /// Adds the process' gauges to `registry`, read afresh for each scrape.
    static func describe(in registry: PrometheusRegistry) {
        let start = started.timeIntervalSince1970
        registry.describe("process_start_time_seconds", "When the process started, in seconds since 1970.")
        registry.describe("process_resident_memory_bytes", "Memory in use, in bytes.")
        registry.describe("process_open_fds", "Open file descriptors.")
        registry.describe("process_threads", "Threads of the operating system.")
        registry.collect { registry in
            registry.setGauge("process_start_time_seconds", to: start)
            if let bytes = residentBytes { registry.setGauge("process_resident_memory_bytes", to: Double(bytes)) }
            if let threads { registry.setGauge("process_threads", to: Double(threads)) }
            if let descriptors = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count {
                registry.setGauge("process_open_fds", to: Double(descriptors))
            }
        }
    }

    static var residentBytes: Int? { statusField("VmRSS:").map { $0 * 1024 } }
    static var threads: Int? { statusField("Threads:") }

    private static func statusField(_ name: String) -> Int? {
        guard let data = FileManager.default.contents(atPath: "/proc/self/status") else { return nil }
        let line = String(decoding: data, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.dropFirst(name.count).split(whereSeparator: { $0 == " " || $0 == "\t" }).first.flatMap { Int($0) }
    }
}
