import CoreMetrics
import Testing

@testable import Telemetry

@Suite struct PrometheusTextTests {
    @Test(arguments: [
        ("http.server.request", "http_server_request"), ("9lives", "_9lives"), ("a:b_c1", "a:b_c1"), ("", "_"),
        ("größe", "gr__e"),
    ])
    func `a metric's name keeps only what the format allows`(text: String, name: String) {
        #expect(PrometheusText.metricName(text) == name)
    }

    @Test func `a label's name has no colon`() {
        #expect(PrometheusText.labelName("a:b") == "a_b")
    }

    @Test func `a label's value escapes backslash, quote and line feed`() {
        let labels = [(name: "path", value: "C:\\D \"x\"\nend")]
        #expect(PrometheusText.labels(labels) == #"{path="C:\\D \"x\"\nend"}"#)
    }

    @Test func `a help text escapes backslash and line feed, but no quote`() {
        #expect(PrometheusText.help("a\\b\n\"c\"") == #"a\\b\n"c""#)
    }

    @Test(arguments: [
        (0.0, "0"), (1.5, "1.5"), (-3.0, "-3"), (Double.infinity, "+Inf"), (-Double.infinity, "-Inf"),
        (Double.nan, "NaN"), (1e300, "1e+300"),
    ])
    func `numbers are written as the format reads them`(number: Double, text: String) {
        #expect(PrometheusText.number(number) == text)
    }

    @Test func `a counter has a type, a help, its labels in order, and ends in total`() {
        let registry = PrometheusRegistry()
        registry.describe("jobs_total", "Jobs\nseen.")
        let factory = PrometheusFactory(registry: registry)
        let counter = Counter(label: "jobs", dimensions: [("state", "ok"), ("lane", "a\"b")], factory: factory)
        counter.increment(by: 2)
        counter.increment()
        let expected = """
            # HELP jobs_total Jobs\\nseen.
            # TYPE jobs_total counter
            jobs_total{lane="a\\"b",state="ok"} 3

            """
        #expect(registry.text().hasPrefix(expected))
    }

    @Test func `a timer becomes a histogram in seconds whose buckets include those below`() {
        let registry = PrometheusRegistry()
        let timer = Timer(label: "wait", dimensions: [], factory: PrometheusFactory(registry: registry))
        timer.recordNanoseconds(2_000_000)
        timer.recordNanoseconds(700_000_000)
        timer.recordNanoseconds(7_200_000_000_000)
        let lines = registry.text().split(separator: "\n").map(String.init)
        #expect(lines.contains("# TYPE wait_seconds histogram"))
        #expect(lines.contains(#"wait_seconds_bucket{le="0.001"} 0"#))
        #expect(lines.contains(#"wait_seconds_bucket{le="0.0025"} 1"#))
        #expect(lines.contains(#"wait_seconds_bucket{le="1"} 2"#))
        #expect(lines.contains(#"wait_seconds_bucket{le="1800"} 2"#))
        #expect(lines.contains(#"wait_seconds_bucket{le="+Inf"} 3"#))
        #expect(lines.contains("wait_seconds_sum 7200.702"))
        #expect(lines.contains("wait_seconds_count 3"))
    }

    @Test func `a measurement on a bound belongs to that bucket`() {
        let series = PrometheusSeries(kind: .histogram, labels: [], bounds: [1, 2])
        series.observe(1)
        var text = ""
        series.write(name: "x", to: &text)
        #expect(text.hasPrefix("x_bucket{le=\"1\"} 1\n"))
    }

    @Test func `a meter goes up and down, a gauge takes the last value`() {
        let registry = PrometheusRegistry()
        let factory = PrometheusFactory(registry: registry)
        let meter = Meter(label: "slots", dimensions: [], factory: factory)
        meter.set(5)
        meter.decrement(by: 2)
        let gauge = Gauge(label: "depth", dimensions: [], factory: factory)
        gauge.record(7)
        gauge.record(4)
        let text = registry.text()
        #expect(text.contains("# TYPE slots gauge\nslots 3\n"))
        #expect(text.contains("# TYPE depth gauge\ndepth 4\n"))
    }
}
