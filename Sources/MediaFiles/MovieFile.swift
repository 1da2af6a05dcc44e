import StudioCore
package import SystemPackage

/// An MP4 file's structure, read without decoding anything: costs microseconds where a probing process costs 0.1 s.
package struct MovieFile: Sendable {
    /// The index of a ten-hour film is below 40 MiB; more is not a film of ours.
    static let indexBytesMax = 64 << 20
    /// Boxes that may lie one behind the other.
    private static let boxesMax = 4_096
    /// Frames of the longest film at 120 a second, more than any film of ours has.
    static let framesMax = 120 * SpecLimits.filmSecondsMax

    package private(set) var size = 0
    /// Ticks a second of edit lists.
    package private(set) var timescale = 0
    /// Byte at which the index starts.
    package private(set) var indexOffset = 0
    /// Byte at which the media data starts.
    package private(set) var dataOffset: Int?
    package private(set) var isFragmented = false
    package private(set) var tracks: [MovieTrack] = []

    package var pictures: [MovieTrack] { tracks.filter { $0.handler == .picture } }
    package var sounds: [MovieTrack] { tracks.filter { $0.handler == .sound } }

    /// Reads the boxes of the file at `path`.
    ///
    /// - Throws: `MediaFile.Unreadable` when it is no MP4 file, or not a whole one.
    package init(reading path: FilePath) throws {
        do {
            self = try MediaFile.reading(path) { try MovieFile(file: $0) }
        } catch is ByteReader.Ended {
            throw MediaFile.Unreadable(detail: "the index is damaged")
        }
    }

    private init(file: MediaFile) throws {
        size = file.size
        var index: [UInt8]?
        var position = 0
        var boxes = 0
        while position + 8 <= file.size, boxes < Self.boxesMax {
            boxes += 1
            let head = try file.bytes(at: position, count: min(16, file.size - position))
            var reader = ByteReader(head[...])
            var length = try reader.word()
            let name = try reader.fourCharacters()
            var headLength = 8
            if length == 1 {
                length = try reader.long()
                headLength = 16
            } else if length == 0 {
                length = file.size - position
            }
            if boxes == 1, name != "ftyp" { throw MediaFile.Unreadable(detail: "not an MP4 file") }
            guard length >= headLength, length <= file.size - position else {
                throw MediaFile.Unreadable(detail: "the file is cut off within its \(name) box")
            }
            switch name {
            case "moov":
                guard length <= Self.indexBytesMax else { throw MediaFile.Unreadable(detail: "the index is too large") }
                indexOffset = position
                index = try file.bytes(at: position + headLength, count: length - headLength)
            case "mdat": dataOffset = dataOffset ?? position
            case "moof": isFragmented = true
            default: break
            }
            position += length
        }
        guard let index else { throw MediaFile.Unreadable(detail: "the file has no index") }
        try read(index: index[...])
    }

    private mutating func read(index: ArraySlice<UInt8>) throws {
        for box in try Box.list(index) {
            switch box.name {
            case "mvhd":
                var reader = ByteReader(box.content)
                try reader.skip(try reader.byte() == 1 ? 19 : 11)
                timescale = try reader.word()
            case "mvex": isFragmented = true
            case "trak": tracks.append(try MovieTrack(box: box))
            default: break
            }
        }
        for track in tracks where track.dataEnd > size {
            throw MediaFile.Unreadable(detail: "the file is cut off: its data ends at byte \(track.dataEnd) of \(size)")
        }
    }
}

extension MovieFile {
    /// The first picture track, every frame of which has a time and lies in the file.
    ///
    /// - Throws: `MediaFile.Unreadable` when there is none, or not a whole one.
    package func wholePicture() throws -> MovieTrack {
        guard let track = pictures.first else { throw MediaFile.Unreadable(detail: "no video track") }
        guard !isFragmented else { throw MediaFile.Unreadable(detail: "a fragmented file is not accepted") }
        guard track.sampleCount > 0, track.timescale > 0 else {
            throw MediaFile.Unreadable(detail: "the video track is empty")
        }
        guard track.sampleCount <= Self.framesMax else {
            throw MediaFile.Unreadable(detail: "\(track.sampleCount) frames are more than \(Self.framesMax)")
        }
        guard track.durations.reduce(0, { $0 + $1.count }) == track.sampleCount else {
            throw MediaFile.Unreadable(detail: "the index names more frames than it has times for")
        }
        guard track.placedSamples == track.sampleCount, let dataOffset, track.dataEnd > dataOffset else {
            throw MediaFile.Unreadable(detail: "the index names more frames than the file holds")
        }
        return track
    }

    /// How long an edit list presents `track`, in the track's own ticks; `nil` without a trustworthy edit list.
    package func editTicks(of track: MovieTrack) -> Int? {
        guard let duration = track.editDuration, timescale > 0 else { return nil }
        return try? duration.times(track.timescale) / timescale
    }
}

extension MovieFile {
    /// A box within the index.
    struct Box {
        let name: String
        let content: ArraySlice<UInt8>

        /// The boxes that lie one behind the other in `bytes`.
        static func list(_ bytes: ArraySlice<UInt8>) throws -> [Box] {
            var boxes: [Box] = []
            var reader = ByteReader(bytes)
            while reader.remaining >= 8 {
                guard boxes.count < MovieFile.boxesMax else { throw MediaFile.Unreadable(detail: "too many boxes") }
                let length = try reader.word()
                let name = try reader.fourCharacters()
                if length == 1 {
                    let long = try reader.long()
                    boxes.append(Box(name: name, content: try reader.take(long - 16)))
                } else {
                    boxes.append(Box(name: name, content: try reader.take(length - 8)))
                }
            }
            return boxes
        }
    }
}
