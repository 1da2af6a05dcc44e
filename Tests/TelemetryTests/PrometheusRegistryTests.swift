import CoreMetrics
import Testing

@testable import Telemetry

@Suite struct PrometheusRegistryTests {
    @Test func `two handles of one series count together`() {
        let registry = PrometheusRegistry()
        let factory = PrometheusFactory(registry: registry)
        Counter(label: "a", dimensions: [("x", "1"), ("y", "2")], factory: factory).increment()
        Counter(label: "a", dimensions: [("y", "2"), ("x", "1")], factory: factory).increment()
        #expect(registry.text().contains("a_total{x=\"1\",y=\"2\"} 2\n"))
    }

    @Test func `a name has one kind, and what contradicts it is counted and dropped`() {
        let registry = PrometheusRegistry()
        registry.setGauge("a_total", to: 1)
        Counter(label: "a", dimensions: [], factory: PrometheusFactory(registry: registry)).increment(by: 9)
        let text = registry.text()
        #expect(text.contains("# TYPE a_total gauge\na_total 1\n"))
        #expect(!text.contains("a_total 9"))
        #expect(text.contains("telemetry_series_dropped_total 1\n"))
    }

    @Test func `the number of series is bounded`() {
        let registry = PrometheusRegistry()
        for index in 0..<(PrometheusRegistry.seriesMax + 10) {
            registry.setGauge("g", labels: [("i", "\(index)")], to: 1)
        }
        let lines = registry.text().split(separator: "\n")
        #expect(lines.count { $0.hasPrefix("g{") } == PrometheusRegistry.seriesMax)
        #expect(lines.contains("telemetry_series_dropped_total 10"))
    }

    @Test func `a destroyed series is gone, and makes room`() {
        let registry = PrometheusRegistry()
        let counter = Counter(label: "a", dimensions: [], factory: PrometheusFactory(registry: registry))
        counter.increment()
        counter.destroy()
        #expect(!registry.text().contains("a_total 1"))
    }

    @Test func `collectors run before each text`() {
        let registry = PrometheusRegistry()
        registry.collect { $0.setGauge("now", to: 42) }
        #expect(registry.text().contains("now 42\n"))
    }

    @Test func `every line is a comment or a sample`() throws {
        let registry = PrometheusRegistry()
        ProcessMetrics.describe(in: registry)
        let factory = PrometheusFactory(registry: registry)
        Counter(label: "odd name!", dimensions: [("l-1", "\\\"\n{}")], factory: factory).increment()
        Timer(label: "t", dimensions: [("k", "v")], factory: factory).recordNanoseconds(1)
        let sample = /^[a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\[\\n"])*",?)*\})? \S+$/
        let comment = /^# (HELP|TYPE) [a-zA-Z_:][a-zA-Z0-9_:]* .+$/
        let text = registry.text()
        #expect(text.hasSuffix("\n"))
        for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
            #expect(line.wholeMatch(of: sample) != nil || line.wholeMatch(of: comment) != nil, "\(line)")
        }
    }

    #if os(Linux)
        @Test func `the process tells its memory, descriptors and threads`() {
            let registry = PrometheusRegistry()
            ProcessMetrics.describe(in: registry)
            let text = registry.text()
            for name in [
                "process_resident_memory_bytes", "process_open_fds", "process_threads", "process_start_time_seconds",
            ] {
                #expect(text.contains("# TYPE \(name) gauge\n\(name) "))
            }
            #expect((ProcessMetrics.residentBytes ?? 0) > 1_000_000)
        }
    #endif
}
