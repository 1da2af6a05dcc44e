/// A hash that is the same on every machine and in every version, for what is stored; not for secrets.
enum StableHash {
    /// FNV-1a over the UTF-8 bytes, its bits mixed once more by SplitMix64.
    static func hash(_ text: String, seed: UInt64 = 0) -> UInt64 {
        mix(fnv(text) ^ mix(seed))
    }

    private static func fnv(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var bits = value &+ 0x9E37_79B9_7F4A_7C15
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}
