/// Reads big-endian numbers from a part of a file; a read past the end throws.
struct ByteReader {
    /// The bytes ended before the value did.
    struct Ended: Error {}

    private let bytes: ArraySlice<UInt8>
    private var position: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    var remaining: Int { bytes.endIndex - position }

    mutating func skip(_ count: Int) throws(Ended) {
        guard count >= 0, count <= remaining else { throw Ended() }
        position += count
    }

    mutating func take(_ count: Int) throws(Ended) -> ArraySlice<UInt8> {
        let start = position
        try skip(count)
        return bytes[start..<position]
    }

    mutating func number(bytes count: Int) throws(Ended) -> UInt64 {
        var value: UInt64 = 0
        for byte in try take(count) { value = value << 8 | UInt64(byte) }
        return value
    }

    mutating func byte() throws(Ended) -> Int { Int(try number(bytes: 1)) }
    mutating func short() throws(Ended) -> Int { Int(try number(bytes: 2)) }
    mutating func word() throws(Ended) -> Int { Int(try number(bytes: 4)) }

    mutating func signedWord() throws(Ended) -> Int {
        Int(Int32(bitPattern: UInt32(truncatingIfNeeded: try number(bytes: 4))))
    }

    /// A value of 64 bits; past the range of `Int` it is as good as past the end.
    mutating func long() throws(Ended) -> Int {
        guard let value = Int(exactly: try number(bytes: 8)) else { throw Ended() }
        return value
    }

    mutating func signedLong() throws(Ended) -> Int {
        Int(Int64(bitPattern: try number(bytes: 8)))
    }

    /// The numbers of a table's entries, which have `bytes` bytes each and follow.
    mutating func entries(of bytes: Int) throws(Ended) -> Range<Int> {
        let count = try word()
        guard count * bytes <= remaining else { throw Ended() }
        return 0..<count
    }

    /// Four characters, as boxes and codecs are named.
    mutating func fourCharacters() throws(Ended) -> String {
        String(decoding: try take(4), as: UTF8.self)
    }
}
