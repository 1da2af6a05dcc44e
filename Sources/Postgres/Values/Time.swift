#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// An instant to the microsecond; an infinite one is the server's `infinity`.
extension Date: PostgresEncodable, PostgresDecodable {
    package static var parameterType: PostgresType { .timestamptz }

    private static let microsecondsPerSecond = 1e6
    /// From 2000-01-01, where the server counts from, to 2001-01-01, where `Date` does.
    private static let epochOffsetSeconds: Int64 = 366 * 86_400
    private static let microsecondsPerDay: Int64 = 86_400_000_000

    package func encode(into bytes: inout [UInt8]) throws(PostgresError) {
        bytes.append(bigEndian: try microseconds())
    }

    /// Reads timestamptz columns, and timestamp and date ones as UTC.
    package init(_ cell: Cell) throws(PostgresError) {
        var reader = cell.reader
        switch cell.type {
        case .timestamptz, .timestamp: self.init(microseconds: try reader.integer())
        case .date:
            switch try reader.integer(Int32.self) {
            case .max: self.init(microseconds: .max)
            case .min: self.init(microseconds: .min)
            case let days: self.init(microseconds: Int64(days) * Self.microsecondsPerDay)
            }
        default: throw cell.mismatch(Date.self)
        }
    }

    private init(microseconds: Int64) {
        switch microseconds {
        case .max: self.init(timeIntervalSinceReferenceDate: .infinity)
        case .min: self.init(timeIntervalSinceReferenceDate: -.infinity)
        default:
            let offset = Self.epochOffsetSeconds * Int64(Self.microsecondsPerSecond)
            let (shifted, _) = microseconds.subtractingReportingOverflow(offset)
            self.init(timeIntervalSinceReferenceDate: Double(shifted) / Self.microsecondsPerSecond)
        }
    }

    private func microseconds() throws(PostgresError) -> Int64 {
        let seconds = timeIntervalSinceReferenceDate
        if seconds == .infinity { return .max }
        if seconds == -.infinity { return .min }
        let offset = Self.epochOffsetSeconds * Int64(Self.microsecondsPerSecond)
        guard let exact = Int64(exactly: (seconds * Self.microsecondsPerSecond).rounded()),
            case (let shifted, false) = exact.addingReportingOverflow(offset)
        else { throw PostgresError(.encodingFailed, "a date is out of the range of timestamptz") }
        return shifted
    }
}

/// A length of time to the microsecond.
extension Duration: PostgresEncodable, PostgresDecodable {
    package static var parameterType: PostgresType { .interval }

    private static let attosecondsPerMicrosecond: Int64 = 1_000_000_000_000
    private static let microsecondsPerSecond: Int64 = 1_000_000
    private static let secondsPerDay: Int64 = 86_400

    package func encode(into bytes: inout [UInt8]) throws(PostgresError) {
        let (seconds, attoseconds) = components
        guard case (let whole, false) = seconds.multipliedReportingOverflow(by: Self.microsecondsPerSecond),
            case (let sum, false) = whole.addingReportingOverflow(attoseconds / Self.attosecondsPerMicrosecond)
        else { throw PostgresError(.encodingFailed, "a duration is out of the range of interval") }
        bytes.append(bigEndian: sum)
        bytes.append(bigEndian: Int32(0))
        bytes.append(bigEndian: Int32(0))
    }

    /// Reads an interval without months, whose length depends on where they stand; a day counts 24 hours.
    package init(_ cell: Cell) throws(PostgresError) {
        guard cell.type == .interval else { throw cell.mismatch(Duration.self) }
        var reader = cell.reader
        let microseconds: Int64 = try reader.integer()
        let days: Int32 = try reader.integer()
        guard try reader.integer(Int32.self) == 0 else { throw cell.outOfRange(Duration.self) }
        self = .seconds(Int64(days) * Self.secondsPerDay) + .microseconds(microseconds)
    }
}
