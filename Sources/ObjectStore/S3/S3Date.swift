#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The two spellings of dates in S3's answers.
enum S3Date {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Such as `2026-11-21T08:46:19.000Z`; fractions of a second are dropped.
    static func parse(iso8601 text: String?) -> Date? {
        guard let text else { return nil }
        return try? Date(text.prefix(19) + "Z", strategy: .iso8601)
    }

    /// Such as `Sat, 21 Nov 2026 08:46:19 GMT`.
    static func parse(httpHeader text: String?) -> Date? {
        let words = (text ?? "").split(separator: " ")
        guard words.count == 6, words[1].count == 2, words[3].count == 4,
            let month = months.firstIndex(of: String(words[2]))
        else { return nil }
        return parse(iso8601: "\(words[3])-\(month < 9 ? "0" : "")\(month + 1)-\(words[1])T\(words[4])Z")
    }
}
