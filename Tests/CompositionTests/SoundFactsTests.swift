import FoundationEssentials
import MediaFiles
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(3)))
struct SoundFactsTests {
    /// Three frames of silence with 1,000, 48 and 3,000 samples, which are counted by sample.
    private static let variableBlocks: [UInt8] = [
        0x66, 0x4C, 0x61, 0x43, 0x80, 0x00, 0x00, 0x22, 0x00, 0x30, 0x0B, 0xB8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x0B, 0xB8, 0x00, 0xF0, 0x00, 0x00, 0x0F, 0xD0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xF9, 0x70, 0x08, 0x00, 0x03, 0xE7, 0xB7, 0x00, 0x00, 0x00, 0x1A,
        0x32, 0xFF, 0xF9, 0x70, 0x08, 0xCF, 0xA8, 0x00, 0x2F, 0x35, 0x00, 0x00, 0x00, 0xB5, 0xC4, 0xFF, 0xF9, 0x70,
        0x08, 0xD0, 0x98, 0x0B, 0xB7, 0x37, 0x00, 0x00, 0x00, 0x2E, 0xCA,
    ]

    private static func facts(_ bytes: some Sequence<UInt8>, in folder: FilePath) throws -> SoundFacts {
        let path = folder.appending("file")
        try Data(bytes).write(to: URL(filePath: path.string))
        return try SoundFacts(reading: path)
    }

    /// What ffmpeg makes of `source` with these options.
    private static func sound(_ source: String, _ options: [String], in folder: FilePath) async throws -> [UInt8] {
        try await FilmFixture(in: folder).ffmpeg(["-f", "lavfi", "-i", source] + options)
        return try bytes(of: folder.appending(options.last ?? ""))
    }

    @Test(arguments: [
        ("anoisesrc=r=48000:d=1.5", [], 72_000), ("anoisesrc=r=44100:d=1", ["-ac", "2"], 44_100),
        ("anoisesrc=r=96000:d=0.7", ["-sample_fmt", "s32", "-ac", "6"], 67_200),
        ("anullsrc=r=32000:cl=mono:d=9", [], 288_000),
        ("sine=r=24000:d=2", ["-frame_size", "192"], 48_000), ("sine=r=8000:d=0.001", [], 8),
    ])
    func `a FLAC file has its samples, also where its header does not say how many`(
        source: String, options: [String], samples: Int
    ) async throws {
        let temporary = try TemporaryFolder()
        var whole = try await Self.sound(source, options + ["a.flac"], in: temporary.path)
        let facts = try Self.facts(whole, in: temporary.path)
        #expect(facts.container == .flac)
        #expect(facts.samples == samples)
        // As when it is written into a pipe: sizes of frames, length and digest are 0.
        for index in Array(12..<18) + Array(22..<42) { whole[index] = 0 }
        whole[21] &= 0xF0
        #expect(try Self.facts(whole, in: temporary.path) == facts)
    }

    @Test(arguments: ["anoisesrc=r=48000:d=1", "sine=r=48000:d=1", "anullsrc=r=48000:cl=mono:d=1"])
    func `a FLAC file that is cut off anywhere is refused`(source: String) async throws {
        let temporary = try TemporaryFolder()
        let whole = try await Self.sound(source, ["a.flac"], in: temporary.path)
        let step = max(1, whole.count / 200)
        for length in Array(stride(from: 0, to: whole.count, by: step)) + [whole.count - 1] {
            #expect(throws: MediaFile.Unreadable.self, "\(length) of \(whole.count)") {
                try Self.facts(whole.prefix(length), in: temporary.path)
            }
        }
    }

    @Test func `a FLAC file that lacks its last frame is refused, and says how much it has`() throws {
        let temporary = try TemporaryFolder()
        let error = #expect(throws: MediaFile.Unreadable.self) {
            try Self.facts(Self.variableBlocks.dropLast(14), in: temporary.path)
        }
        #expect(error?.detail == "the file is cut off: 1048 of 4048 samples")
    }

    @Test func `a FLAC file whose frames count samples is read`() throws {
        let temporary = try TemporaryFolder()
        #expect(try Self.facts(Self.variableBlocks, in: temporary.path).samples == 4_048)
        var unsaid = Self.variableBlocks
        unsaid.replaceSubrange(22..<26, with: [0, 0, 0, 0])
        #expect(try Self.facts(unsaid, in: temporary.path).samples == 4_048)
    }

    @Test func `a FLAC file whose last frame is damaged is refused`() throws {
        let temporary = try TemporaryFolder()
        for index in 69..<Self.variableBlocks.count {
            var damaged = Self.variableBlocks
            damaged[index] ^= 4
            #expect(throws: MediaFile.Unreadable.self, "byte \(index)") {
                try Self.facts(damaged, in: temporary.path)
            }
        }
    }

    @Test func `a WAV file that is cut off, or says what cannot be, is refused`() async throws {
        let temporary = try TemporaryFolder()
        let whole = try await Self.sound("sine=r=48000:d=0.1", ["-bitexact", "a.wav"], in: temporary.path)
        #expect(try Self.facts(whole, in: temporary.path).samples == 4_800)
        #expect(throws: MediaFile.Unreadable.self) { try Self.facts(whole.dropLast(), in: temporary.path) }
        var fast = whole
        fast.replaceSubrange(24..<28, with: [255, 255, 255, 255])
        #expect(throws: MediaFile.Unreadable.self) { try Self.facts(fast, in: temporary.path) }
        // A long file whose length is below 0, in the chunk for long lengths before its format.
        let lengths = Array("ds64".utf8) + [28, 0, 0, 0] + [UInt8](zeros: 8) + [UInt8](repeating: 255, count: 8)
        var long = whole
        long.replaceSubrange(0..<4, with: Array("RF64".utf8))
        long.replaceSubrange(40..<44, with: [255, 255, 255, 255])
        long.insert(contentsOf: lengths + [UInt8](zeros: 12), at: 12)
        #expect(throws: MediaFile.Unreadable.self) { try Self.facts(long, in: temporary.path) }
    }

    @Test(arguments: [(44_100, 44_100, 48_000), (24_001, 24_000, 48_002), (96_000, 96_000, 48_000), (1, 44_100, 2)])
    func `a length at another rate is rounded up`(samples: Int, rate: Int, length: Int) {
        let facts = SoundFacts(container: .wav, sampleRate: rate, channels: 1, samples: samples)
        #expect(facts.length(at: 48_000) == length)
    }
}
