import Testing

@testable import StudioCore

@Suite struct SpecTimeTests {
    @Test(arguments: [
        ("4s", SpecTime.nanoseconds(4_000_000_000), "4s"), ("0.5s", .nanoseconds(500_000_000), "0.5s"),
        ("0.500s", .nanoseconds(500_000_000), "0.5s"), ("0.000000001s", .nanoseconds(1), "0.000000001s"),
        ("007s", .nanoseconds(7_000_000_000), "7s"),
        ("999999.999999999s", .nanoseconds(999_999_999_999_999), "999999.999999999s"),
        ("96f", .frames(96), "96f"), ("0f", .frames(0), "0f"), ("999999999f", .frames(999_999_999), "999999999f"),
    ])
    func `a time is read exactly and written as short as can be`(text: String, time: SpecTime, shortest: String) {
        #expect(SpecTime(text) == time)
        #expect(time.description == shortest)
        #expect(SpecTime(time.description) == time)
    }

    @Test(arguments: [
        "", "s", "f", "4", "4 s", " 4s", "4S", ".5s", "5.s", "-1s", "+1s", "1e3s", "0.5f", "1.2.3s", "1,5s", "4ms",
        "1234567s", "1.0000000001s", "1234567890f", "٤s", "4s\n", "4ｓ", "∞s",
    ])
    func `anything else is no time`(text: String) {
        #expect(SpecTime(text) == nil)
    }

    @Test func `seconds become whole frames or nothing`() {
        let film = FrameRate(24)
        let ntsc = FrameRate(24_000, 1_001)
        #expect(SpecTime("4s")?.frames(at: film) == 96)
        #expect(SpecTime("0.125s")?.frames(at: film) == 3)
        #expect(SpecTime("0.1s")?.frames(at: film) == nil)
        #expect(SpecTime("0.1s")?.framesRoundedDown(at: film) == 2)
        #expect(SpecTime("4s")?.frames(at: ntsc) == nil)
        #expect(SpecTime("1001s")?.frames(at: ntsc) == 24_000)
        #expect(SpecTime("4s")?.framesRoundedDown(at: ntsc) == 95)
        #expect(SpecTime("96f")?.frames(at: ntsc) == 96)
    }

    @Test(arguments: Seeds.all)
    func `seconds and frames that mean the same give the same sample`(seed: UInt64) {
        var generator = SeededGenerator(seed)
        let profile = DeliveryProfile(width: 64, height: 64, frameRate: FrameRate(25))
        for _ in 0..<200 {
            let frames = generator.integer(0...360_000)
            let time = SpecTime.nanoseconds(frames * 40_000_000)
            #expect(time.frames(at: profile.frameRate) == frames)
            #expect(time.samples(in: profile) == SpecTime.frames(frames).samples(in: profile))
            #expect(SpecTime(time.description) == time)
        }
    }

    @Test func `samples round to the nearest`() {
        let profile = DeliveryProfile(width: 64, height: 64, frameRate: FrameRate(24))
        #expect(SpecTime("0.00001s")?.samples(in: profile) == 0)
        #expect(SpecTime("0.000011s")?.samples(in: profile) == 1)
        #expect(SpecTime("14400s")?.samples(in: profile) == 691_200_000)
    }
}
