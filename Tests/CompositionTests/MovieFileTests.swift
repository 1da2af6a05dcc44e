import FoundationEssentials
import SystemPackage
import Testing

@testable import MediaFiles

@Suite(.timeLimit(.minutes(3)))
struct MovieFileTests {
    /// One way to damage a file, and what is said of it.
    struct Damage: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let detail: String
        let apply: @Sendable (inout MovieBytes) -> Void

        init(_ description: String, _ detail: String, _ apply: @escaping @Sendable (inout MovieBytes) -> Void) {
            testDescription = description
            self.detail = detail
            self.apply = apply
        }
    }

    private static let most = UInt32.max

    private static func edits(_ pairs: [(duration: Int, start: Int)]) -> [UInt8] {
        [1, 0, 0, 0] + MovieBytes.words(UInt32(pairs.count))
            + pairs.flatMap { MovieBytes.long($0.duration) + MovieBytes.long($0.start) + MovieBytes.words(65_536) }
    }

    private static let damages = [
        Damage("a chunk at the end of all numbers", "is damaged") {
            $0.set("co64", for: "stco", 0, 1, 0x7FFF_FFFF, most - 3)
        },
        Damage("tables with a chunk and no sizes behind whole ones", "is empty") {
            let chunk = MovieBytes.box("stco", MovieBytes.words(0, 1, 24))
            $0.otherTables = [MovieBytes.box("stsc", MovieBytes.words(0, 1, 1, 4, 1)) + chunk]
        },
        Damage("two edits that last for ever", "is damaged") { $0.edits = edits([(.max, 0), (.max, 0)]) },
        Damage("two empty edits that last for ever", "is damaged") { $0.edits = edits([(.max, -1), (.max, -1)]) },
        Damage("an edit that starts at the end of time", "edit list is damaged") {
            $0.edits = edits([(100, .max)])
            $0.set("ctts", 0, 1, 4, most - 99)
        },
        Damage("more edits than bytes", "is damaged") { $0.edits = MovieBytes.words(0, most) },
        Damage("times that add up to more than a number", "is damaged") {
            $0.set("stts", 0, 3, most, 0x7FFF_FFFF, most, 0x7FFF_FFFF, 4, 512)
        },
        Damage("times that run backwards", "times are damaged") { $0.set("stts", 0, 1, 4, most) },
        Damage("fewer times than frames", "than it has times for") { $0.set("stts", 0, 1, 3, 512) },
        Damage("ten million frames of a byte in one chunk", "cut off") {
            $0.set("stsz", 0, 1, 10_000_000)
            $0.set("stts", 0, 1, 10_000_000, 512)
            $0.set("stsc", 0, 1, 1, 10_000_000, 1)
        },
        Damage("more frames than any film has", "more than") {
            $0.set("stsz", 0, 1, 10_000_000)
            $0.set("stts", 0, 1, 10_000_000, 1)
        },
        Damage("frames that lie nowhere", "than the file holds") {
            $0.set("stsz", 0, 1, 1_000_000)
            $0.set("stts", 0, 1, 1_000_000, 512)
        },
        Damage("frames larger than all numbers", "is damaged") {
            $0.set("stsz", 0, most, most)
            $0.set("stsc", 0, 1, 1, most, 1)
        },
        Damage("more sizes than bytes", "is damaged") { $0.set("stsz", 0, 0, most) },
        Damage("more key frames than bytes", "is damaged") { $0.set("stss", 0, most) },
        Damage("frames of no bytes", "than the file holds") { $0.set("stsz", 0, 0, 4, 0, 0, 0, 0) },
        Damage("no chunks", "than the file holds") { $0.tables.removeAll { $0.name == "stco" } },
        Damage("no data", "than the file holds") { $0.data = "free" },
        Damage("a frame before the data", "than the file holds") {
            $0.set("stsz", 0, 1, 4)
            $0.set("stco", 0, 1, 4)
        },
        Damage("five thousand tracks", "too many boxes") {
            $0.others = (0..<5_000).flatMap { _ in MovieBytes.box("trak", []) }
        },
    ]

    private static func write(_ bytes: [UInt8], in folder: FilePath, _ name: String = "file.mp4") throws -> FilePath {
        let path = folder.appending(name)
        try Data(bytes).write(to: URL(filePath: path.string))
        return path
    }

    @Test func `a file written by hand is read`() throws {
        let temporary = try TemporaryFolder()
        let movie = try MovieFile(reading: try Self.write(MovieBytes().bytes, in: temporary.path))
        let picture = try movie.wholePicture()
        #expect([picture.sampleCount, picture.width, picture.height, picture.dataEnd] == [4, 320, 180, 88])
        #expect(try PictureFacts(movie: movie).presentation == [0, 512, 1_024, 1_536])
    }

    @Test(arguments: damages)
    func `what is damaged is refused, and takes nobody down`(_ damage: Damage) throws {
        let temporary = try TemporaryFolder()
        var file = MovieBytes()
        damage.apply(&file)
        let path = try Self.write(file.bytes, in: temporary.path)
        let error = #expect(throws: MediaFile.Unreadable.self) { try MovieFile(reading: path).wholePicture() }
        #expect(error?.detail.contains(damage.detail) == true, "\(error?.detail ?? "")")
    }

    @Test func `offsets for frames that are not there take no time`() throws {
        let temporary = try TemporaryFolder()
        var file = MovieBytes()
        let offsets = (0..<1_000).flatMap { _ in MovieBytes.words(Self.most, 0) }
        file.tables.append(("ctts", MovieBytes.words(0, 1_000) + offsets))
        #expect(try PictureFacts(reading: try Self.write(file.bytes, in: temporary.path)).frames == 4)
    }

    @Test func `a film that is damaged anywhere is read or refused, and at once`() async throws {
        let temporary = try TemporaryFolder()
        let whole = try bytes(of: try await FilmFixture(in: temporary.path).shot("a.mp4", frames: 30, keyframes: [12]))
        let data = try #require(
            try MovieFile(reading: try Self.write(whole, in: temporary.path)).dataOffset)
        let extremes = [0, 1, 0x7FFF_FFFF, 0x8000_0000, Self.most - 1, Self.most]
        var dice = SeededDice(seed: 20)
        var (read, refused) = (0, 0)
        let start = ContinuousClock.now
        for _ in 0..<2_000 {
            var damaged = whole
            for _ in 0..<Int.random(in: 1...4, using: &dice) {
                let word = extremes.randomElement(using: &dice) ?? 0
                let at = Int.random(in: 0..<(data - 4), using: &dice)
                switch Int.random(in: 0..<3, using: &dice) {
                case 0: damaged[at] = UInt8.random(in: .min ... .max, using: &dice)
                case 1: damaged.replaceSubrange(at..<(at + 4), with: MovieBytes.words(word))
                default: damaged.replaceSubrange(at..<(at + 4), with: damaged[(data / 2)..<(data / 2 + 4)])
                }
            }
            do {
                _ = try PictureFacts(reading: try Self.write(damaged, in: temporary.path))
                read += 1
            } catch is MediaFile.Unreadable {
                refused += 1
            }
        }
        #expect(read > 100 && refused > 100, "\(read) read, \(refused) refused")
        #expect(ContinuousClock.now - start < .seconds(120))
    }

    @Test func `a film that is cut off anywhere is refused`() async throws {
        let temporary = try TemporaryFolder()
        let whole = try bytes(of: try await FilmFixture(in: temporary.path).shot("a.mp4", frames: 30))
        for length in Array(stride(from: 0, to: whole.count, by: 61)) + [whole.count - 1] {
            let path = try Self.write(Array(whole.prefix(length)), in: temporary.path)
            #expect(throws: MediaFile.Unreadable.self, "\(length) of \(whole.count)") {
                try MovieFile(reading: path).wholePicture()
            }
        }
    }
}

/// Random numbers that a test can draw again.
private struct SeededDice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
