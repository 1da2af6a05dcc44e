/// Frames a second as an exact fraction: 24/1, 30000/1001.
package struct FrameRate: Codable, Sendable, Hashable {
    package let numerator: Int
    package let denominator: Int

    package init(_ numerator: Int, _ denominator: Int = 1) {
        self.numerator = numerator
        self.denominator = denominator
    }

    /// Ticks a second of a video track in which every frame lasts a whole number of ticks.
    ///
    /// 90,000 where that is exact; otherwise 120,000, which is for 24000/1001 and 60000/1001 frames a second.
    package var exactTimescale: Int {
        DeliveryProfile.timescales.first { $0 * denominator % numerator == 0 } ?? numerator
    }

    /// Length of that many frames in seconds, rounded: for people, never for sums.
    package func seconds(frames: Int) -> Double {
        Double(frames) * Double(denominator) / Double(numerator)
    }
}

extension FrameRate: CustomStringConvertible {
    /// As a spec writes it: `24`, `24000/1001`.
    package var description: String {
        denominator == 1 ? "\(numerator)" : "\(numerator)/\(denominator)"
    }
}
