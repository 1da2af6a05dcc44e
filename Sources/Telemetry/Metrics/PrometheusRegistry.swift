import OrderedCollections
import Synchronization

/// Every series of a process, written in Prometheus' text format.
package final class PrometheusRegistry: Sendable {
    /// More series than this are not kept: a label that is never the same twice must not fill the memory.
    package static let seriesMax = 4_000
    /// In seconds.
    package static let timerBounds: [Double] = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 180, 300, 600, 1800,
    ]
    package static let recorderBounds: [Double] = [
        1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000,
    ]

    private struct Family {
        let kind: PrometheusSeries.Kind
        var series: OrderedDictionary<[String], PrometheusSeries> = [:]
    }

    private struct State {
        var families: [String: Family] = [:]
        var help: [String: String] = [:]
        var series = 0
        var dropped = 0
        var collectors: [@Sendable (PrometheusRegistry) -> Void] = []
    }

    private static let droppedName = "telemetry_series_dropped_total"
    private let state = Mutex(State())

    package init() {}

    /// Says what a metric means; also for one that does not exist yet.
    package func describe(_ name: String, _ help: String) {
        state.withLock { $0.help[PrometheusText.metricName(name)] = help }
    }

    /// Calls `collect` before each ``text()``, to set gauges that nothing else updates.
    package func collect(with collect: @escaping @Sendable (PrometheusRegistry) -> Void) {
        state.withLock { $0.collectors.append(collect) }
    }

    /// Sets a gauge, made when it is not there.
    package func setGauge(_ name: String, labels: [(String, String)] = [], to number: Double) {
        series(name, .gauge, labels: labels).set(number)
    }

    /// The series of that name and those labels, made when it is not there.
    ///
    /// What would be one too many, or contradict the kind of its name, is counted and goes nowhere.
    func series(
        _ name: String, _ kind: PrometheusSeries.Kind, labels: [(String, String)], bounds: [Double] = []
    ) -> PrometheusSeries {
        let name = PrometheusText.metricName(name)
        let labels = labels.map { (name: PrometheusText.labelName($0.0), value: $0.1) }
            .sorted { $0.name < $1.name }
        let key = labels.flatMap { [$0.name, $0.value] }
        return state.withLock { state in
            var family = state.families[name] ?? Family(kind: kind)
            if family.kind == kind, let series = family.series[key] { return series }
            let series = PrometheusSeries(kind: kind, labels: labels, bounds: bounds)
            guard family.kind == kind, state.series < Self.seriesMax, name != Self.droppedName else {
                state.dropped += 1
                return series
            }
            family.series[key] = series
            state.families[name] = family
            state.series += 1
            return series
        }
    }

    /// Forgets `series`; what still writes to it goes nowhere.
    func remove(_ series: PrometheusSeries) {
        state.withLock { state in
            for (name, family) in state.families {
                guard let key = family.series.first(where: { $0.value === series })?.key else { continue }
                state.families[name]?.series[key] = nil
                state.series -= 1
                if state.families[name]?.series.isEmpty == true { state.families[name] = nil }
                return
            }
        }
    }

    /// Everything, in the order of names.
    package func text() -> String {
        for collect in state.withLock({ $0.collectors }) { collect(self) }
        let (families, help, dropped) = state.withLock { ($0.families, $0.help, $0.dropped) }
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            if let help = help[name] { text += "# HELP \(name) \(PrometheusText.help(help))\n" }
            text += "# TYPE \(name) \(family.kind.rawValue)\n"
            for series in family.series.values { series.write(name: name, to: &text) }
        }
        text += "# HELP \(Self.droppedName) Series refused: too many, or of another kind than their name.\n"
        text += "# TYPE \(Self.droppedName) counter\n\(Self.droppedName) \(dropped)\n"
        return text
    }

    /// The media type of ``text()``.
    package static var contentType: String { PrometheusText.contentType }
}
