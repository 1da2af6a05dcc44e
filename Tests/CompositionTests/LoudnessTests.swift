import Composition
import Testing

struct LoudnessTests {
    private let log = """
        [Parsed_ebur128_0 @ 0x55d0] [info] Summary:

          Integrated loudness:
            I:         -21.4 LUFS
            Threshold: -31.9 LUFS

          Loudness range:
            LRA:         6.3 LU
            Threshold: -41.9 LUFS
            LRA low:   -26.8 LUFS
            LRA high:  -20.5 LUFS

          True peak:
            Peak:       -4.8 dBFS
        """

    @Test func `the summary of ffmpeg is read`() {
        let measure = LoudnessMeasure(log: log)
        #expect(measure == LoudnessMeasure(integrated: -21.4, range: 6.3, truePeak: -4.8))
        let silent = log.replacing("-21.4", with: "-inf").replacing("-4.8", with: "-inf")
        #expect(LoudnessMeasure(log: silent) == LoudnessMeasure(integrated: -70, range: 6.3, truePeak: nil))
        #expect(LoudnessMeasure(log: "nothing") == nil)
    }

    @Test func `a gain is enough where peaks allow it, otherwise the limiter helps`() {
        let target = LoudnessTarget.web
        let even = target.treatment(of: .init(integrated: -26, range: 3, truePeak: -15), seconds: 30)
        #expect(even == .init(gain: 10))
        let spiky = target.treatment(of: .init(integrated: -26, range: 3, truePeak: -4), seconds: 30)
        #expect(spiky.gain == 10)
        #expect(spiky.limit.map { abs($0 + 2.2) < 0.001 } == true)
    }

    @Test func `silence and short programmes are left at their loudness`() {
        let target = LoudnessTarget.web
        let silent = LoudnessMeasure(integrated: -70, range: 0, truePeak: nil)
        #expect(target.treatment(of: silent, seconds: 30).skipped == "the film is silent")
        let short = target.treatment(of: .init(integrated: -6, range: 0, truePeak: 0), seconds: 2.9)
        #expect(short.skipped != nil)
        #expect(abs(short.gain + 2.2) < 0.001)
    }

    @Test func `what missed the target is corrected, what met it is left alone`() {
        let target = LoudnessTarget.web
        let last = LoudnessTarget.Treatment(gain: 10, limit: -2.2)
        #expect(target.correction(of: last, after: .init(integrated: -16.2, range: 3, truePeak: -1.9)) == nil)
        let quiet = target.correction(of: last, after: .init(integrated: -18, range: 3, truePeak: -1.9))
        #expect(quiet?.gain == 12)
        let loud = target.correction(of: last, after: .init(integrated: -16, range: 3, truePeak: -1))
        #expect(loud?.limit.map { $0 < -2.6 } == true)
    }
}
