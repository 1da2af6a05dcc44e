#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The moment of a signature, in the two spellings that signature version 4 uses.
struct SigningTime: Sendable {
    /// Such as `20130524T000000Z`.
    let stamp: String
    /// Such as `20130524`.
    var day: String { String(stamp.prefix(8)) }

    init(_ date: Date) {
        let style = Date.ISO8601FormatStyle(
            dateSeparator: .omitted, dateTimeSeparator: .standard, timeSeparator: .omitted,
            timeZoneSeparator: .omitted, includingFractionalSeconds: false, timeZone: .gmt)
        let wholeSeconds = date.timeIntervalSince1970.rounded(.down)
        stamp = style.format(Date(timeIntervalSince1970: wholeSeconds))
    }
}
