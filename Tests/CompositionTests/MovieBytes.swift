/// A small MP4 file with one picture track, written by hand, so that a test can put anything in any of its tables.
struct MovieBytes {
    /// Contents of the boxes of the sample table, in their order.
    var tables: [(name: String, content: [UInt8])]
    /// Sample tables that come after the first.
    var otherTables: [[UInt8]] = []
    /// Content of an edit list.
    var edits: [UInt8]?
    /// Boxes behind the track.
    var others: [UInt8] = []
    /// The box that holds the frames.
    var data = "mdat"

    /// Four frames of 16 bytes each.
    init() {
        let description = Self.box("avc1", [UInt8](zeros: 24) + [1, 64, 0, 180] + [UInt8](zeros: 50))
        tables = [
            ("stsd", Self.words(0, 1) + description), ("stts", Self.words(0, 1, 4, 512)),
            ("stsz", Self.words(0, 16, 4)), ("stsc", Self.words(0, 1, 1, 4, 1)), ("stco", Self.words(0, 1, 24)),
        ]
    }

    /// Puts `words` into the table `name`, in place of `old` where that is another one.
    mutating func set(_ name: String, for old: String? = nil, _ words: UInt32...) {
        tables.removeAll { $0.name == old ?? name }
        tables.append((name, words.flatMap { Self.bytes($0) }))
    }

    var bytes: [UInt8] {
        let times = [UInt8](zeros: 12) + Self.words(12_288, 0)
        let handler = [UInt8](zeros: 8) + Array("vide".utf8) + [UInt8](zeros: 12)
        var information = Self.box("stbl", tables.flatMap { Self.box($0.name, $0.content) })
        for table in otherTables { information += Self.box("stbl", table) }
        let media = Self.box("mdhd", times) + Self.box("hdlr", handler) + Self.box("minf", information)
        var track = Self.box("tkhd", [UInt8](zeros: 84))
        if let edits { track += Self.box("edts", Self.box("elst", edits)) }
        track += Self.box("mdia", media)
        let index = Self.box("mvhd", times) + Self.box("trak", track) + others
        let content = Self.box(data, [UInt8](repeating: 7, count: 64))
        return Self.box("ftyp", Array("isomisom".utf8)) + content + Self.box("moov", index)
    }

    static func box(_ name: String, _ content: [UInt8]) -> [UInt8] {
        bytes(UInt32(8 + content.count)) + Array(name.utf8) + content
    }

    static func words(_ words: UInt32...) -> [UInt8] { words.flatMap { bytes($0) } }

    static func long(_ value: Int) -> [UInt8] { bytes(UInt64(bitPattern: Int64(value))) }

    private static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }
}

extension [UInt8] {
    init(zeros count: Int) { self.init(repeating: 0, count: count) }
}
