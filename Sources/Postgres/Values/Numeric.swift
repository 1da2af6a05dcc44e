/// An exact decimal number as the server sends it, turned into its digits.
struct Numeric: CustomStringConvertible {
    let description: String

    private static let negative: UInt16 = 0x4000
    private static let special: UInt16 = 0xC000
    private static let digitsPerGroup = 4

    init(_ cell: Cell) throws(PostgresError) {
        guard cell.type == .numeric else { throw cell.mismatch(Numeric.self) }
        var reader = cell.reader
        let groupCount = Int(try reader.integer(Int16.self))
        let weight = Int(try reader.integer(Int16.self))
        let sign: UInt16 = try reader.integer()
        let scale = Int(try reader.integer(Int16.self))
        switch sign {
        case 0, Self.negative: break
        case Self.special: description = "NaN"; return
        default: description = sign == 0xD000 ? "Infinity" : "-Infinity"; return
        }
        var groups: [Int16] = []
        for _ in 0..<groupCount { groups.append(try reader.integer()) }
        let digits = Self.render(groups, weight: weight, scale: scale)
        description = sign == Self.negative ? "-" + digits : digits
    }

    /// Group 0 counts for 10000 to the power of `weight`; groups that are not there are zero.
    private static func render(_ groups: [Int16], weight: Int, scale: Int) -> String {
        func group(_ position: Int) -> String {
            let value = groups.indices.contains(position) ? groups[position] : 0
            let text = String(value)
            return String(repeating: "0", count: digitsPerGroup - text.count) + text
        }
        let whole = weight < 0 ? "0" : (0...weight).map(group).joined()
        let trimmed = whole.drop { $0 == "0" }
        var text = trimmed.isEmpty ? "0" : String(trimmed)
        if scale > 0 {
            let fractionGroups = (scale + digitsPerGroup - 1) / digitsPerGroup
            let fraction = (1...fractionGroups).map { group(weight + $0) }.joined()
            text += "." + fraction.prefix(scale)
        }
        return text
    }
}
