/// A frame of a FLAC file, as far as telling where the sound ends needs it (RFC 9639, section 9).
struct FlacFrame {
    /// What looks like the head of a frame is one, but for one in 256: so many are looked into.
    private static let headsMax = 16

    /// Samples of each channel up to the end of this frame.
    let samplesThrough: Int

    /// The frame that `bytes` end with; `nil` when they end within one, or with none.
    ///
    /// - Parameter blockMax: samples of each channel in every frame but the last, where frames are counted.
    static func last(in bytes: [UInt8], blockMax: Int) -> FlacFrame? {
        var heads = 0
        for start in bytes.indices.dropLast().reversed()
        where bytes[start] == 0xFF && bytes[start + 1] & 0xFE == 0xF8 && heads < headsMax {
            guard let frame = try? FlacFrame(bytes[start...], blockMax: blockMax) else { continue }
            heads += 1
            // The checksum at a frame's end makes that of the whole frame 0.
            if FlacChecksum.frame(bytes[start...]) == 0 { return frame }
        }
        return nil
    }

    /// The longest frame that holds `block` samples of `channels` channels with `bits` bits each, in bytes.
    ///
    /// Where packing makes them longer, encoders leave samples as they are; one channel may be a difference of two,
    /// which takes another bit.
    static func bytesMax(block: Int, channels: Int, bits: Int) -> Int {
        headBytesMax + checksumBytes + channels * (channelHeadBytesMax + (block * (bits + 1) + 7) / 8)
    }

    private static let headBytesMax = 16
    private static let channelHeadBytesMax = 8
    private static let checksumBytes = 2

    /// Reads the head that `bytes` begin with, after its mark.
    private init(_ bytes: ArraySlice<UInt8>, blockMax: Int) throws(ByteReader.Ended) {
        var reader = ByteReader(bytes)
        let countsSamples = try reader.short() & 1 == 1
        let sizes = try reader.byte()
        let shape = try reader.byte()
        guard sizes & 15 != 15, shape >> 4 <= 10, shape >> 1 & 7 != 3, shape & 1 == 0 else { throw ByteReader.Ended() }
        let number = try reader.codedNumber()
        let block: Int
        switch sizes >> 4 {
        case 0: throw ByteReader.Ended()
        case 1: block = 192
        case let code where code <= 5: block = 144 << code
        case 6: block = try reader.byte() + 1
        case 7: block = try reader.short() + 1
        case let code: block = 1 << code
        }
        switch sizes & 15 {
        case 12: try reader.skip(1)
        case 13, 14: try reader.skip(2)
        default: break
        }
        let head = bytes.dropLast(reader.remaining)
        guard try reader.byte() == Int(FlacChecksum.head(head)) else { throw ByteReader.Ended() }
        samplesThrough = (countsSamples ? number : number * blockMax) + block
    }
}

extension ByteReader {
    /// A number of up to 36 bits, coded as UTF-8 codes characters.
    fileprivate mutating func codedNumber() throws(Ended) -> Int {
        let first = try byte()
        let ones = (~UInt8(first)).leadingZeroBitCount
        if ones == 0 { return first }
        guard 2...7 ~= ones else { throw Ended() }
        var number = first & (0x7F >> ones)
        for _ in 1..<ones {
            let next = try byte()
            guard next & 0xC0 == 0x80 else { throw Ended() }
            number = number << 6 | next & 0x3F
        }
        return number
    }
}

/// The checksums of FLAC.
private enum FlacChecksum {
    /// Of a frame's head: 8 bits, with the polynomial x⁸ + x² + x + 1.
    static func head(_ bytes: ArraySlice<UInt8>) -> UInt8 {
        bytes.reduce(0) { sum, byte in
            (0..<8).reduce(sum ^ byte) { sum, _ in sum & 0x80 == 0 ? sum << 1 : sum << 1 ^ 0x07 }
        }
    }

    /// Of a frame: 16 bits, with the polynomial x¹⁶ + x¹⁵ + x² + 1.
    static func frame(_ bytes: ArraySlice<UInt8>) -> UInt16 {
        bytes.reduce(0) { sum, byte in sum << 8 ^ table[Int(UInt8(sum >> 8) ^ byte)] }
    }

    private static let table = (0..<256).map { (byte: UInt16) in
        (0..<8).reduce(byte << 8) { sum, _ in sum & 0x8000 == 0 ? sum << 1 : sum << 1 ^ 0x8005 }
    }
}
