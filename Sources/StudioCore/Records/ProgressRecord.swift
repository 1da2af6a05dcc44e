/// How far a task's attempt is.
package struct ProgressRecord: Codable, Sendable, Hashable {
    package let done: Double
    package let total: Double
    /// What `done` and `total` count: `frames`, `steps`, `bytes`.
    package let unit: String
    package let etaSeconds: Double?

    package init(done: Double, total: Double, unit: String, etaSeconds: Double? = nil) {
        self.done = done
        self.total = total
        self.unit = unit
        self.etaSeconds = etaSeconds
    }

    /// 0 to 1.
    package var ratio: Double {
        guard total > 0, done.isFinite else { return 0 }
        return min(1, max(0, done / total))
    }

    private enum CodingKeys: String, CodingKey {
        case done, total, unit, ratio
        case etaSeconds = "eta_s"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        done = try fields.decode(Double.self, forKey: .done)
        total = try fields.decode(Double.self, forKey: .total)
        unit = try fields.decode(String.self, forKey: .unit)
        etaSeconds = try fields.decodeIfPresent(Double.self, forKey: .etaSeconds)
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(done, forKey: .done)
        try fields.encode(total, forKey: .total)
        try fields.encode(unit, forKey: .unit)
        try fields.encode(ratio, forKey: .ratio)
        try fields.encodeIfPresent(etaSeconds, forKey: .etaSeconds)
    }
}

/// Which attempt of how many.
package struct AttemptRecord: Codable, Sendable, Hashable {
    /// From 1; 0 before the first claim.
    package let n: Int
    package let max: Int

    package init(n: Int, max: Int) {
        self.n = n
        self.max = max
    }
}
