package import SystemPackage

/// What a WAV or FLAC file holds, from its header and its end.
package struct SoundFacts: Sendable, Hashable {
    /// A container that inputs may have, by the name of its demuxer.
    package enum Container: String, Sendable {
        case wav, flac
    }

    package let container: Container
    package let sampleRate: Int
    package let channels: Int
    /// Samples of each channel.
    package let samples: Int

    private static let chunksMax = 64
    /// The mark of a FLAC file, and the description of its stream with its head.
    private static let flacHeadBytes = 42
    /// Samples a second; FLAC knows no more.
    private static let sampleRates = 1..<(1 << 20)
    /// A length that writers to a pipe leave in place of the real one.
    private static let unknownLength = 0xFFFF_FFFF

    /// Reads the header and the end of the file at `path`.
    ///
    /// - Throws: `MediaFile.Unreadable` when it is neither WAV nor FLAC, or cut off. What a pipe cut off of a WAV file
    ///   of unknown length cannot be known.
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
        guard Self.sampleRates.contains(sampleRate), channels > 0 else {
            throw MediaFile.Unreadable(detail: "the header is damaged")
        }
    }

    package init(container: Container, sampleRate: Int, channels: Int, samples: Int) {
        self.container = container
        self.sampleRate = sampleRate
        self.channels = channels
        self.samples = samples
    }

    /// Length in samples at another rate; what is left of a sample counts as one.
    package func length(at rate: Int) -> Int { (samples * rate + sampleRate - 1) / sampleRate }

    private static func flac(_ file: MediaFile) throws -> SoundFacts {
        // Behind the mark and the head of the description: sizes of blocks and frames, then all else.
        var reader = ByteReader(try file.bytes(at: 8, count: 18)[...])
        try reader.skip(2)
        let blockMax = try reader.short()
        try reader.skip(6)
        let packed = try reader.number(bytes: 8)
        let channels = Int(packed >> 41 & 7) + 1
        let longest = FlacFrame.bytesMax(block: blockMax, channels: channels, bits: Int(packed >> 36 & 31) + 1)
        let tail = min(longest, file.size - flacHeadBytes)
        let bytes = try file.bytes(at: file.size - tail, count: tail)
        guard let last = FlacFrame.last(in: bytes, blockMax: blockMax) else {
            throw MediaFile.Unreadable(detail: "the file does not end with a whole frame: it is empty or cut off")
        }
        // 0 where the writer could not come back to say it, as into a pipe.
        let total = Int(packed & 0xF_FFFF_FFFF)
        guard last.samplesThrough >= total else {
            throw MediaFile.Unreadable(detail: "the file is cut off: \(last.samplesThrough) of \(total) samples")
        }
        return SoundFacts(
            container: .flac, sampleRate: Int(packed >> 44), channels: channels,
            samples: total > 0 ? total : last.samplesThrough)
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
                guard 0...rest ~= length else {
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
