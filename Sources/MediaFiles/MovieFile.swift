package import SystemPackage

/// An MP4 file's structure, read without decoding anything: costs microseconds where a probing process costs 0.1 s.
package struct MovieFile: Sendable {
    /// The index of a ten-hour film is below 40 MiB; more is not a film of ours.
    static let indexBytesMax = 256 << 20
    private static let boxesMax = 4_096

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
    /// A box within the index.
    struct Box {
        let name: String
        let content: ArraySlice<UInt8>

        /// The boxes that lie one behind the other in `bytes`.
        static func list(_ bytes: ArraySlice<UInt8>) throws -> [Box] {
            var boxes: [Box] = []
            var reader = ByteReader(bytes)
            while reader.remaining >= 8 {
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
