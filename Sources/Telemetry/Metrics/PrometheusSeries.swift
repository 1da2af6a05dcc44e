import Synchronization

/// One series: a number that goes up, a number, or a distribution.
final class PrometheusSeries: Sendable {
    enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    private struct Value {
        var number = 0.0
        var buckets: [UInt64]
        var count: UInt64 = 0
    }

    let kind: Kind
    let labels: [(name: String, value: String)]
    /// Upper bounds, inclusive, ascending; the bucket of everything is implied.
    let bounds: [Double]
    private let value: Mutex<Value>

    init(kind: Kind, labels: [(name: String, value: String)], bounds: [Double]) {
        self.kind = kind
        self.labels = labels
        self.bounds = bounds
        self.value = Mutex(Value(buckets: Array(repeating: 0, count: bounds.count)))
    }

    func add(_ amount: Double) {
        guard amount.isFinite, kind != .counter || amount >= 0 else { return }
        value.withLock { $0.number += amount }
    }

    func set(_ number: Double) {
        value.withLock { $0.number = number }
    }

    /// Adds one measurement to a distribution.
    func observe(_ measurement: Double) {
        guard measurement.isFinite else { return }
        value.withLock { value in
            value.number += measurement
            value.count += 1
            if let bucket = bounds.firstIndex(where: { measurement <= $0 }) { value.buckets[bucket] += 1 }
        }
    }

    func reset() {
        value.withLock { $0 = Value(buckets: Array(repeating: 0, count: bounds.count)) }
    }

    /// Appends this series' lines to `text`.
    func write(name: String, to text: inout String) {
        let (number, buckets, count) = value.withLock { ($0.number, $0.buckets, $0.count) }
        guard kind == .histogram else {
            text += "\(name)\(PrometheusText.labels(labels)) \(PrometheusText.number(number))\n"
            return
        }
        var below: UInt64 = 0
        for (bound, bucket) in zip(bounds, buckets) {
            below += bucket
            let all = labels + [("le", PrometheusText.number(bound))]
            text += "\(name)_bucket\(PrometheusText.labels(all)) \(below)\n"
        }
        text += "\(name)_bucket\(PrometheusText.labels(labels + [("le", "+Inf")])) \(count)\n"
        text += "\(name)_sum\(PrometheusText.labels(labels)) \(PrometheusText.number(number))\n"
        text += "\(name)_count\(PrometheusText.labels(labels)) \(count)\n"
    }
}
