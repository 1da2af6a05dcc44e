/// How a quantity is spread; zeros for nothing.
package struct Spread: Codable, Sendable, Hashable {
    package let count: Int
    package let p50: Double
    package let p99: Double
    package let max: Double

    /// Percentiles by nearest rank.
    package init(_ values: [Double]) {
        let sorted = values.sorted()
        func rank(_ part: Double) -> Double {
            guard !sorted.isEmpty else { return 0 }
            let index = Int((part * Double(sorted.count)).rounded(.up)) - 1
            return Spread.rounded(sorted[Swift.min(Swift.max(0, index), sorted.count - 1)])
        }
        count = sorted.count
        p50 = rank(0.5)
        p99 = rank(0.99)
        max = rank(1)
    }

    static func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
