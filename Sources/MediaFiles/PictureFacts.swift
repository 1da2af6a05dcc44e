package import StudioCore
package import SystemPackage

/// What a video file is, as far as joining it needs to know.
package struct PictureFacts: Sendable {
    /// Frames in the track.
    package let frames: Int
    package let width: Int
    package let height: Int
    /// Codec, as in the file: `avc1`.
    package let codec: String
    /// Ticks a second of the track.
    package let timescale: Int
    /// When each frame is shown, in ticks from the start of the presentation, ascending.
    package let presentation: [Int]
    /// Frames before which a copy may be cut: key frames that nothing before or behind refers across.
    package let cutFrames: Set<Int>
    /// What must be equal for two files to be joined by copying.
    package let signature: SpliceSignature
    /// Why the file cannot be joined as it lies there although its stream might match; `nil` when it can.
    package let containerFault: String?

    /// Reads the facts from the boxes of the file at `path`.
    ///
    /// - Throws: `MediaFile.Unreadable` when it holds no whole video track.
    package init(reading path: FilePath) throws {
        try self.init(movie: try MovieFile(reading: path))
    }

    package init(movie: MovieFile) throws {
        let track = try movie.wholePicture()
        frames = track.sampleCount
        width = track.width
        height = track.height
        codec = track.codec
        timescale = track.timescale
        signature = SpliceSignature(of: track)

        let times = Self.decodeOrderTimes(of: track)
        // Rank of each sample in the order of presentation, to find the key frames that divide the track cleanly.
        let shown = times.indices.sorted { times[$0] < times[$1] }
        presentation = shown.map { times[$0] - track.editStart }
        var latest = Int.min
        var clean: Set<Int> = []
        let keys = track.syncSamples.map { Set($0) }
        for sample in times.indices {
            if keys?.contains(sample) ?? true, times[sample] > latest, shown[sample] == sample { clean.insert(sample) }
            latest = max(latest, times[sample])
        }
        cutFrames = clean
        containerFault = Self.containerFault(movie, track, first: presentation.first ?? 0)
    }

    /// Facts of a file that need not exist: `frames` on an even grid of `ticks`.
    package init(
        frames: Int, width: Int, height: Int, codec: String = "avc1", timescale: Int, ticks: Int, cutFrames: Set<Int>,
        signature: SpliceSignature, containerFault: String? = nil
    ) {
        self.frames = frames
        self.width = width
        self.height = height
        self.codec = codec
        self.timescale = timescale
        self.presentation = (0..<frames).map { $0 * ticks }
        self.cutFrames = cutFrames
        self.signature = signature
        self.containerFault = containerFault
    }

    private static func decodeOrderTimes(of track: MovieTrack) -> [Int] {
        var times: [Int] = []
        times.reserveCapacity(track.sampleCount)
        var time = 0
        for stretch in track.durations {
            for _ in 0..<stretch.count {
                times.append(time)
                time += stretch.value
            }
        }
        var sample = 0
        for stretch in track.compositionOffsets {
            let next = min(times.count, sample + stretch.count)
            for index in sample..<next { times[index] += stretch.value }
            sample = next
        }
        return times
    }

    private static func containerFault(_ movie: MovieFile, _ track: MovieTrack, first: Int) -> String? {
        if movie.tracks.count > 1 { return "the file holds other tracks" }
        if track.descriptions != 1 { return "the stream's parameters change on the way" }
        if track.edits > 1 || track.emptyEdit > 0 { return "the file has an edit list" }
        if first != 0 { return "the first frame is not at time 0" }
        return nil
    }
}

extension PictureFacts {
    /// How often each distance between neighbouring frames occurs, in ticks.
    package var steps: [Int: Int] {
        var histogram: [Int: Int] = [:]
        for (earlier, later) in zip(presentation, presentation.dropFirst()) {
            histogram[later - earlier, default: 0] += 1
        }
        return histogram
    }

    /// The first frame that is not where `rate` puts it, within one tick.
    package func firstOffGrid(at rate: FrameRate) -> Int? {
        let start = presentation.first ?? 0
        return presentation.indices.first { frame in
            let exact = Double(frame) * Double(timescale) * Double(rate.denominator) / Double(rate.numerator)
            return abs(Double(presentation[frame] - start) - exact) > 1
        }
    }
}
