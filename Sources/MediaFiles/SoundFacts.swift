package import SystemPackage

/// What a WAV or FLAC file holds, from its header.
package struct SoundFacts: Sendable, Hashable {
    /// A container that inputs may have, by the name of its demuxer.
    package enum Container: String, Sendable {
        case wav, flac
    }

    package let container: Container
    package let sampleRate: Int
    package let channels: Int
    /// Samples of each channel; `nil` when the header does not say.
    package let samples: Int?

    private static let chunksMax = 64
    /// A length that writers to a pipe leave in place of the real one.
    private static let unknownLength = 0xFFFF_FFFF

    /// Reads the header of the file at `path`.
    ///
    /// - Throws: `MediaFile.Unreadable` when it is neither WAV nor FLAC, or cut off.
    package init(reading path: FilePath) throws {
        do {
            self = try MediaFile.reading(path) { file in
                let magic = try file.bytes(at: 0, count: min(4, file.size))
                switch String(decoding: magic, as: UTF8.self) {
                case "RIFF", "RF64": return try Self.wave(file)
                case "fLaC": return try Self.flac(file)
                default: throw MediaFile.Unreadable(detail: "neither WAV nor FLAC")
                }
            }
        } catch is ByteReader.Ended {
            throw MediaFile.Unreadable(detail: "the header is damaged")
        }
        guard sampleRate > 0, channels > 0 else { throw MediaFile.Unreadable(detail: "the header is damaged") }
    }

    package init(container: Container, sampleRate: Int, channels: Int, samples: Int?) {
        self.container = container
        self.sampleRate = sampleRate
        self.channels = channels
        self.samples = samples
    }

    private static func flac(_ file: MediaFile) throws -> SoundFacts {
        // Behind the magic word: 4 bytes of block header, then 10 of block and frame sizes.
        var reader = ByteReader(try file.bytes(at: 18, count: 8)[...])
        let packed = try reader.number(bytes: 8)
        let total = Int(packed & 0xF_FFFF_FFFF)
        return SoundFacts(
            container: .flac, sampleRate: Int(packed >> 44), channels: Int(packed >> 41 & 7) + 1,
            samples: total > 0 ? total : nil)
    }

    private static func wave(_ file: MediaFile) throws -> SoundFacts {
        var format: (channels: Int, rate: Int, frameBytes: Int)?
        var longLength: Int?
        var position = 12
        for _ in 0..<chunksMax where position + 8 <= file.size {
            let head = try file.bytes(at: position, count: 8)
            let name = String(decoding: head[..<4], as: UTF8.self)
            var length = little(head[4...])
            let content = position + 8
            switch name {
            case "fmt ":
                let fields = try file.bytes(at: content, count: 16)
                format = (little(fields[2..<4]), little(fields[4..<8]), little(fields[12..<14]))
            case "ds64": longLength = little(try file.bytes(at: content + 8, count: 8)[...])
            case "data":
                guard let format, format.frameBytes > 0 else { throw MediaFile.Unreadable(detail: "no format chunk") }
                let rest = file.size - content
                if length == unknownLength { length = longLength ?? rest }
                guard length <= rest else {
                    throw MediaFile.Unreadable(detail: "the file is cut off: \(rest) of \(length) bytes of sound")
                }
                return SoundFacts(
                    container: .wav, sampleRate: format.rate, channels: format.channels,
                    samples: length / format.frameBytes)
            default: break
            }
            position = content + length + length % 2
        }
        throw MediaFile.Unreadable(detail: "no sound in the file")
    }

    private static func little(_ bytes: ArraySlice<UInt8>) -> Int {
        Int(truncatingIfNeeded: bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }
}
