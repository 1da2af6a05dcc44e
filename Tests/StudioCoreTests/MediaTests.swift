import Testing

@testable import StudioCore

@Suite struct MediaTests {
    @Test(arguments: SpecLimits.frameRates.map(\.rate))
    func `a frame begins at the nearest sample, however long the film`(rate: FrameRate) {
        let profile = DeliveryProfile(width: 1_280, height: 720, frameRate: rate)
        let last = SpecLimits.filmSecondsMax * rate.numerator / rate.denominator
        for frame in [0, 1, 2, 3, 7, 1_000, 1_001, 24_000, last - 1, last] {
            let sample = profile.sample(atFrame: frame)
            // |sample - exact| <= 1/2, in whole numbers.
            let exact = Int128(frame) * 48_000 * Int128(rate.denominator)
            let difference = Int128(sample) * Int128(rate.numerator) - exact
            #expect(2 * difference.magnitude <= rate.numerator.magnitude)
        }
    }

    @Test func `at 24000/1001 a frame is 2002 samples exactly, so that 1000 frames are 2,002,000`() {
        let profile = DeliveryProfile(width: 1_280, height: 720, frameRate: FrameRate(24_000, 1_001))
        #expect(profile.sample(atFrame: 1) == 2_002)
        #expect(profile.sample(atFrame: 1_000) == 2_002_000)
        #expect(profile.frameRate.seconds(frames: 24_000) == 1_001)
    }

    @Test func `at 30000/1001 rounding alternates and never drifts`() {
        let profile = DeliveryProfile(width: 1_280, height: 720, frameRate: FrameRate(30_000, 1_001))
        #expect((0...5).map { profile.sample(atFrame: $0) } == [0, 1_602, 3_203, 4_805, 6_406, 8_008])
        #expect(profile.sample(atFrame: 30_000) == 1_001 * 48_000)
    }

    @Test(arguments: SpecLimits.frameRates)
    func `the time scale holds every frame in whole ticks`(text: String, rate: FrameRate) {
        #expect(rate.exactTimescale * rate.denominator % rate.numerator == 0)
        #expect([90_000, 120_000].contains(rate.exactTimescale))
        #expect(rate.description == text)
    }

    @Test func `only a dissolve shares frames with the shot before`() {
        #expect(Transition(kind: .dissolve, frames: 12).overlap == 12)
        #expect(Transition(kind: .fade, frames: 12).overlap == 0)
        #expect(Transition.cut.overlap == 0)
    }
}
