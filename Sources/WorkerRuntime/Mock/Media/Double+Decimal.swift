extension Double {
    /// Four digits after the point, never an exponent: as filters read numbers on every platform.
    var decimal: String {
        let scaled = Int((self * 10_000).rounded())
        let fraction = "\(abs(scaled) % 10_000)"
        let padding = String(repeating: "0", count: 4 - fraction.count)
        return "\(scaled < 0 ? "-" : "")\(abs(scaled) / 10_000).\(padding)\(fraction)"
    }
}
