import Foundation
import StudioCore
import SystemPackage
import Testing
import WorkerRuntime

@Suite(.timeLimit(.minutes(3)))
struct MockSoundTests {
    /// Samples, channels and rate as a WAV header has them.
    private func wave(_ file: ProducedFile) throws -> (samples: Int, channels: Int, rate: Int) {
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: file.path.string)))
        func little(_ range: Range<Int>) -> Int { bytes[range].reversed().reduce(0) { $0 << 8 | Int($1) } }
        let data = bytes.indices.dropLast(8).first { bytes[$0..<($0 + 4)].elementsEqual("data".utf8) } ?? 0
        return (little(data + 4..<data + 8) / little(32..<34), little(22..<24), little(24..<28))
    }

    private func speech(_ line: String, _ voice: String = "slt") -> TaskSpec {
        .speech(.init(line: line, voice: voice, language: "en", seed: 1, sampleRate: 48_000))
    }

    @Test func `speech is mono at the asked rate, as long as it says, and always the same`() async throws {
        let bench = try MockBench()
        let executor = MockSpeechExecutor(bench.tool)
        let first = try await bench.execute(executor, speech("The lamp must never go out."))
        let header = try wave(first[0])
        #expect(header.channels == 1)
        #expect(header.rate == 48_000)
        #expect(header.samples > 30_000)
        #expect(first[0].media.samples == header.samples)
        let again = try await bench.execute(executor, speech("The lamp must never go out."))
        #expect(
            try Data(contentsOf: URL(filePath: first[0].path.string))
                == Data(contentsOf: URL(filePath: again[0].path.string)))
    }

    @Test(arguments: ["nobody", "en_US/narrator: deep", "", "slt", "kal"])
    func `every voice speaks`(_ voice: String) async throws {
        let bench = try MockBench()
        let files = try await bench.execute(MockSpeechExecutor(bench.tool), speech("Yes.", voice))
        #expect(try wave(files[0]).samples > 5_000)
    }

    @Test(arguments: ["Grüße aus Köln – „schön“!", "日本語", "%s %{x} 'a' \"b\" : ; \\ | [0:a]", ""])
    func `every line can be said`(_ line: String) async throws {
        let bench = try MockBench()
        let files = try await bench.execute(MockSpeechExecutor(bench.tool), speech(line))
        #expect(files[0].media.samples ?? 0 > 1_000)
    }

    @Test func `music has exactly its samples, and follows its seed`() async throws {
        let bench = try MockBench()
        func music(_ seed: UInt64, _ samples: Int) async throws -> [UInt8] {
            let spec = TaskSpec.music(.init(prompt: "warm cello", samples: samples, seed: seed, sampleRate: 48_000))
            let files = try await bench.execute(MockMusicExecutor(bench.tool), spec)
            #expect(files.map(\.contentType) == ["audio/flac"])
            return [UInt8](try Data(contentsOf: URL(filePath: files[0].path.string)))
        }
        let first = try await music(1, 100_003)
        // The stream information of FLAC: 36 bits of total samples behind rate, channels and depth.
        let packed = first[18..<26].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        #expect(packed & 0xF_FFFF_FFFF == 100_003)
        #expect(packed >> 44 == 48_000)
        #expect(packed >> 41 & 7 == 1)
        #expect(try await music(1, 100_003) == first)
        #expect(try await music(2, 100_003) != first)
        #expect(try await music(1, 7).count > 42)
    }

    @Test(arguments: [
        "seagull", "church bell", "thunder far away", "wind", "rain", "waves", "footsteps", "a knock", "engine",
        "clock ticking", "crackling fire", "birds", "foghorn", "door creaks", "something", "",
    ])
    func `an effect has exactly its samples`(_ prompt: String) async throws {
        let bench = try MockBench()
        let spec = TaskSpec.effect(.init(prompt: prompt, samples: 23_457, seed: 5, sampleRate: 48_000))
        let files = try await bench.execute(MockEffectExecutor(bench.tool), spec)
        let header = try wave(files[0])
        #expect(header.samples == 23_457)
        #expect(header.channels == 1)
        let bytes = try Data(contentsOf: URL(filePath: files[0].path.string))
        #expect(Set(bytes.dropFirst(200)).count > 50)
    }
}
