package import CoreMetrics

/// Lets swift-metrics write to a registry.
///
/// Counters end in `_total` and timers, which count seconds, in `_seconds`: the ending is added where it is missing.
package struct PrometheusFactory: MetricsFactory {
    private let registry: PrometheusRegistry

    package init(registry: PrometheusRegistry) {
        self.registry = registry
    }

    private static func name(_ label: String, ending: String) -> String {
        label.hasSuffix(ending) ? label : label + ending
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        let name = Self.name(label, ending: "_total")
        return SeriesHandler(registry.series(name, .counter, labels: dimensions))
    }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        let name = Self.name(label, ending: "_total")
        return SeriesHandler(registry.series(name, .counter, labels: dimensions))
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        SeriesHandler(registry.series(label, .gauge, labels: dimensions))
    }

    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        guard aggregate else { return SeriesHandler(registry.series(label, .gauge, labels: dimensions)) }
        return SeriesHandler(
            registry.series(label, .histogram, labels: dimensions, bounds: PrometheusRegistry.recorderBounds))
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let name = Self.name(label, ending: "_seconds")
        return SeriesHandler(
            registry.series(name, .histogram, labels: dimensions, bounds: PrometheusRegistry.timerBounds))
    }

    package func destroyCounter(_ handler: any CounterHandler) { destroy(handler) }
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { destroy(handler) }
    package func destroyMeter(_ handler: any MeterHandler) { destroy(handler) }
    package func destroyRecorder(_ handler: any RecorderHandler) { destroy(handler) }
    package func destroyTimer(_ handler: any TimerHandler) { destroy(handler) }

    private func destroy(_ handler: AnyObject) {
        if let handler = handler as? SeriesHandler { registry.remove(handler.series) }
    }
}

/// What swift-metrics holds of a series.
private final class SeriesHandler: Sendable {
    let series: PrometheusSeries

    init(_ series: PrometheusSeries) {
        self.series = series
    }

    func reset() { series.reset() }
}

extension SeriesHandler: CounterHandler {
    func increment(by amount: Int64) { series.add(Double(amount)) }
}

extension SeriesHandler: FloatingPointCounterHandler, MeterHandler {
    func increment(by amount: Double) { series.add(amount) }
    func decrement(by amount: Double) { series.add(-amount) }
    func set(_ value: Int64) { series.set(Double(value)) }
    func set(_ value: Double) { series.set(value) }
}

extension SeriesHandler: RecorderHandler {
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        if series.kind == .histogram { series.observe(value) } else { series.set(value) }
    }
}

extension SeriesHandler: TimerHandler {
    func recordNanoseconds(_ duration: Int64) { series.observe(Double(duration) / 1e9) }
}
