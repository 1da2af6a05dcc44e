import Crypto

/// Digest of everything two video streams must share to be joined by copying.
///
/// Covers codec, size, aspect, colour, field order, rotation and the decoder configuration (profile, level, bit depth,
/// reordering, parameter sets, length of NAL sizes). Not the timescale, which a remux repairs.
package struct SpliceSignature: Hashable, Sendable, CustomStringConvertible {
    private let digest: [UInt8]

    init(of track: MovieTrack) {
        var hash = SHA256()
        let header = "\(track.codec) \(track.width)x\(track.height) \(track.extradata.count) \(track.appearance.count)"
        hash.update(data: Array(header.utf8))
        hash.update(data: track.extradata)
        hash.update(data: track.appearance)
        hash.update(data: track.matrix)
        digest = Array(hash.finalize())
    }

    /// A signature that stands for `text`, where no file is at hand.
    package init(standingFor text: String) {
        digest = Array(SHA256.hash(data: Array(text.utf8)))
    }

    /// The first 8 bytes in hexadecimal, enough for people to compare.
    package var description: String {
        let digits = Array("0123456789abcdef")
        return String(digest.prefix(8).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
