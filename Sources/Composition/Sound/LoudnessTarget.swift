/// How loud a film has to be, and what is done to a mix to make it so.
package struct LoudnessTarget: Sendable, Hashable, Codable {
    /// In LUFS.
    package var integrated: Double
    /// In dB of full scale, true peak.
    package var truePeakMax: Double

    /// What the web expects.
    package static let web = LoudnessTarget(integrated: -16, truePeakMax: -1.5)

    /// Integrated loudness is not defined below this length, in seconds.
    package static let secondsMin = 3.0
    /// The encoder may raise peaks by about this much, in dB.
    private static let headroom = 0.7
    /// More gain than this would only lift noise, in dB.
    private static let gainMax = 40.0
    /// A mix this close is not worked on again, in LU.
    private static let closeEnough = 0.5

    package init(integrated: Double, truePeakMax: Double) {
        self.integrated = integrated
        self.truePeakMax = truePeakMax
    }

    /// A static gain, and a limiter where peaks would pass the ceiling.
    package struct Treatment: Sendable, Hashable, Codable {
        /// In dB.
        package var gain: Double
        /// Ceiling of the limiter, in dB of full scale; `nil` for none.
        package var limit: Double?
        /// Why the target is not aimed at, if it is not.
        package var skipped: String?

        package init(gain: Double, limit: Double? = nil, skipped: String? = nil) {
            self.gain = gain
            self.limit = limit
            self.skipped = skipped
        }
    }

    /// The treatment for a mix that measures so.
    package func treatment(of mix: LoudnessMeasure, seconds: Double) -> Treatment {
        guard !mix.isSilent, let peak = mix.truePeak else { return Treatment(gain: 0, skipped: "the film is silent") }
        let ceiling = truePeakMax - Self.headroom
        if seconds < Self.secondsMin {
            return Treatment(
                gain: min(0, ceiling - peak), skipped: "shorter than \(Self.secondsMin.fixed(0)) s: not measurable")
        }
        let gain = min(integrated - mix.integrated, Self.gainMax)
        return Treatment(gain: gain, limit: peak + gain > ceiling ? ceiling : nil)
    }

    /// A better treatment after `last` led to `result`; `nil` when it was good enough.
    package func correction(of last: Treatment, after result: LoudnessMeasure) -> Treatment? {
        var next = last
        if let peak = result.truePeak, peak > truePeakMax {
            next.limit = (last.limit ?? truePeakMax) - (peak - truePeakMax) - 0.2
        }
        if last.skipped == nil, abs(integrated - result.integrated) > Self.closeEnough {
            next.gain = min(last.gain + integrated - result.integrated, Self.gainMax)
            let ceiling = truePeakMax - Self.headroom
            if next.limit == nil, let peak = result.truePeak, peak + next.gain - last.gain > ceiling {
                next.limit = ceiling
            }
        }
        return next == last ? nil : next
    }
}
