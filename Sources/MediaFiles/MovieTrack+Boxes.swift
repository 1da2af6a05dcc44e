extension MovieTrack {
    /// No track is longer, in ticks: sums and differences of such numbers are numbers too.
    private static let ticksMax = 1 << 53

    /// Reads a `trak` box.
    init(box: MovieFile.Box) throws {
        for part in try MovieFile.Box.list(box.content) {
            switch part.name {
            case "tkhd": try readHeader(part.content)
            case "edts": try readEdits(part.content)
            case "mdia": try readMedia(part.content)
            default: break
            }
        }
    }

    private mutating func readHeader(_ content: ArraySlice<UInt8>) throws {
        var reader = ByteReader(content)
        let version = try reader.byte()
        // Flags, times, identifier and duration; then reserved words, layer, group, volume.
        try reader.skip(3 + (version == 1 ? 32 : 20) + 16)
        matrix = Array(try reader.take(36))
    }

    private mutating func readEdits(_ content: ArraySlice<UInt8>) throws {
        for part in try MovieFile.Box.list(content) where part.name == "elst" {
            var reader = ByteReader(part.content)
            let version = try reader.byte()
            try reader.skip(3)
            for _ in try reader.entries(of: version == 1 ? 20 : 12) {
                let duration = version == 1 ? try reader.long() : try reader.word()
                let start = version == 1 ? try reader.signedLong() : try reader.signedWord()
                try reader.skip(4)
                if start < 0 {
                    emptyEdit = try emptyEdit.plus(duration)
                } else {
                    if edits == 0 { editStart = start }
                    edits += 1
                    editDuration = try (editDuration ?? 0).plus(duration)
                }
            }
            guard editStart <= Self.ticksMax else { throw MediaFile.Unreadable(detail: "the edit list is damaged") }
        }
    }

    private mutating func readMedia(_ content: ArraySlice<UInt8>) throws {
        for part in try MovieFile.Box.list(content) {
            var reader = ByteReader(part.content)
            switch part.name {
            case "mdhd":
                try reader.skip(try reader.byte() == 1 ? 19 : 11)
                timescale = try reader.word()
            case "hdlr":
                try reader.skip(8)
                switch try reader.fourCharacters() {
                case "vide": handler = .picture
                case "soun": handler = .sound
                default: handler = .other
                }
            case "minf":
                for inner in try MovieFile.Box.list(part.content) where inner.name == "stbl" {
                    try readTables(inner.content)
                }
            default: break
            }
        }
    }

    private mutating func readTables(_ content: ArraySlice<UInt8>) throws {
        var sizes = SampleSizes()
        // A second set of tables goes before the first, and takes nothing from it.
        (sampleCount, durations, compositionOffsets, syncSamples) = (0, [], [], nil)
        for part in try MovieFile.Box.list(content) {
            var reader = ByteReader(part.content)
            // Version and flags, which every table starts with.
            try reader.skip(4)
            switch part.name {
            case "stsd": try readDescriptions(&reader)
            case "stts": durations = try Self.stretches(&reader)
            case "ctts": compositionOffsets = try Self.stretches(&reader)
            case "stss":
                var samples: [Int] = []
                for _ in try reader.entries(of: 4) { samples.append(try reader.word() - 1) }
                syncSamples = samples
            case "stsz":
                sizes.uniform = try reader.word()
                if sizes.uniform == 0 {
                    for _ in try reader.entries(of: 4) { sizes.each.append(try reader.word()) }
                    sampleCount = sizes.each.count
                } else {
                    sampleCount = try reader.word()
                }
            case "stsc":
                for _ in try reader.entries(of: 12) {
                    sizes.runs.append(Stretch(count: try reader.word(), value: try reader.word()))
                    try reader.skip(4)
                }
            case "stco": for _ in try reader.entries(of: 4) { sizes.chunks.append(try reader.word()) }
            case "co64": for _ in try reader.entries(of: 8) { sizes.chunks.append(try reader.long()) }
            default: break
            }
        }
        mediaDuration = try durations.reduce(0) { try $0.plus($1.count.times($1.value)) }
        guard 0...Self.ticksMax ~= mediaDuration else { throw MediaFile.Unreadable(detail: "the times are damaged") }
        (placedSamples, dataEnd) = try sizes.places(of: sampleCount)
    }

    private static func stretches(_ reader: inout ByteReader) throws -> [Stretch] {
        var list: [Stretch] = []
        for _ in try reader.entries(of: 8) {
            list.append(Stretch(count: try reader.word(), value: try reader.signedWord()))
        }
        return list
    }

    private mutating func readDescriptions(_ reader: inout ByteReader) throws {
        descriptions = try reader.word()
        let length = try reader.word()
        codec = try reader.fourCharacters()
        var entry = ByteReader(try reader.take(length - 8))
        try entry.skip(8)
        switch handler {
        case .picture:
            try entry.skip(16)
            width = try entry.short()
            height = try entry.short()
            try entry.skip(50)
        case .sound:
            try entry.skip(8)
            channels = try entry.short()
            try entry.skip(6)
            sampleRate = try entry.short()
            try entry.skip(2)
        case .other: return
        }
        let parts = try MovieFile.Box.list(try entry.take(entry.remaining))
        for part in parts where ["avcC", "hvcC", "av1C", "vpcC", "esds"].contains(part.name) {
            extradata += Array(part.content)
        }
        for part in parts.sorted(by: { $0.name < $1.name }) where ["pasp", "colr", "fiel"].contains(part.name) {
            appearance += Array(part.name.utf8) + Array(part.content)
        }
    }
}

/// The tables that say where samples lie.
private struct SampleSizes {
    /// The size of every sample, or 0 when `each` has them.
    var uniform = 0
    var each: [Int] = []
    /// First chunk, from 1, and samples a chunk from there on.
    var runs: [MovieTrack.Stretch] = []
    var chunks: [Int] = []

    /// How many of the first `samples` samples have a place, and the first byte after all of them.
    func places(of samples: Int) throws -> (placed: Int, end: Int) {
        var end = 0
        var sample = 0
        var run = 0
        for (index, offset) in chunks.enumerated() {
            while run + 1 < runs.count, runs[run + 1].count <= index + 1 { run += 1 }
            guard run < runs.count, sample < samples else { break }
            let next = min(samples, sample + runs[run].value)
            guard uniform > 0 || next <= each.count else { throw ByteReader.Ended() }
            let bytes = uniform > 0 ? try uniform.times(next - sample) : each[sample..<next].reduce(0, +)
            if bytes > 0 { end = max(end, try offset.plus(bytes)) }
            sample = next
        }
        return (sample, end)
    }
}
