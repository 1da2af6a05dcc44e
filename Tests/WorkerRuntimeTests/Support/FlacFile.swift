import Foundation

extension Data {
    /// A FLAC file of 64 bytes: silence in one frame; one channel, 16 bits.
    ///
    /// - Parameter samples: at most 65,536.
    static func flac(samples: Int = 48_000, rate: Int = 48_000) -> Data {
        // Blocks and frames of any size; rate, channels, depth and length; no digest.
        let packed = UInt64(rate) << 44 | UInt64(15) << 36 | UInt64(samples)
        let description =
            [0, 16, 255, 255] + [UInt8](repeating: 0, count: 6) + big(packed, bytes: 8)
            + [UInt8](repeating: 0, count: 16)
        let padding: [UInt8] = [0x81, 0, 0, 5, 0, 0, 0, 0, 0]
        // The first frame, with the number of its samples behind its own; all of them are 0.
        var frame = [0xFF, 0xF8, 0x70, 0x08, 0] + big(UInt64(samples - 1), bytes: 2)
        frame += [UInt8(checksum(frame, bits: 8, polynomial: 0x07))] + [0, 0, 0]
        frame += big(UInt64(checksum(frame, bits: 16, polynomial: 0x8005)), bytes: 2)
        return Data("fLaC".utf8) + [0, 0, 0, 34] + description + padding + frame
    }

    private static func big(_ value: UInt64, bytes: Int) -> [UInt8] {
        (0..<bytes).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
    }

    private static func checksum(_ bytes: [UInt8], bits: Int, polynomial: Int) -> Int {
        bytes.reduce(0) { sum, byte in
            (0..<8).reduce(sum ^ Int(byte) << (bits - 8)) { sum, _ in
                (sum << 1 ^ (sum >> (bits - 1) & 1) * polynomial) & (1 << bits - 1)
            }
        }
    }
}
