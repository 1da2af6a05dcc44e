import CoreMetrics
package import Logging

/// What a program says of itself: logs on standard error, and metrics for Prometheus.
package struct Telemetry: Sendable {
    package let service: String
    /// Every metric of the process; also what swift-metrics writes to.
    package let registry: PrometheusRegistry

    /// Points swift-log and swift-metrics of the whole process here; call it once, first thing in `main`.
    ///
    /// - Parameters:
    ///   - service: the program's name, in every line of its log.
    ///   - level: nothing below it is written.
    package static func bootstrap(
        service: String, level: Logger.Level = .info, format: LogFormat = .text
    ) -> Telemetry {
        LoggingSystem.bootstrap { label in
            StandardErrorLogHandler(service: service, label: label, level: level, format: format)
        }
        let registry = PrometheusRegistry()
        ProcessMetrics.describe(in: registry)
        MetricsSystem.bootstrap(PrometheusFactory(registry: registry))
        return Telemetry(service: service, registry: registry)
    }

    /// As ``bootstrap(service:level:format:)``, with what the environment asks for.
    package static func bootstrap(service: String, _ configuration: TelemetryConfiguration) -> Telemetry {
        bootstrap(service: service, level: configuration.level, format: configuration.format)
    }
}
