import FoundationEssentials

/// Crockford's base 32 in lower case, for the 128 bits of an identifier: sorts as the bits do.
enum Base32 {
    private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
    /// 26 digits of 5 bits hold 130 bits; the first two are always zero.
    private static let length = 26

    static func text(_ uuid: UUID) -> String {
        var value = withUnsafeBytes(of: uuid.uuid) { $0.reduce(UInt128(0)) { $0 << 8 | UInt128($1) } }
        var text = [UInt8](repeating: 0, count: length)
        for index in stride(from: length - 1, through: 0, by: -1) {
            text[index] = digits[Int(value & 31)]
            value >>= 5
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func uuid(_ text: Substring) -> UUID? {
        guard text.utf8.count == length, let first = text.utf8.first, first <= UInt8(ascii: "7") else { return nil }
        var value = UInt128(0)
        for character in text.utf8 {
            guard let digit = digits.firstIndex(of: character) else { return nil }
            value = value << 5 | UInt128(digit)
        }
        return withUnsafeBytes(of: value.bigEndian) { bytes in
            UUID(uuid: bytes.loadUnaligned(as: uuid_t.self))
        }
    }
}
