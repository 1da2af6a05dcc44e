import Foundation

/// Values as people read them.
enum Spoken {
    /// `0.4 s`, `12 s`, `3 min 05 s`, `2 h 10 min`.
    static func seconds(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0 else { return "?" }
        if seconds < 9.95 { return "\((seconds * 10).rounded() / 10) s" }
        let whole = Int(seconds.rounded())
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) min \(padded(whole % 60)) s" }
        return "\(whole / 3600) h \(padded(whole / 60 % 60)) min"
    }

    private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// `12.3` from 12.34.
    static func number(_ value: Double, digits: Int = 1) -> String {
        String(format: "%.\(digits)f", value)
    }

    /// How long ago a time is.
    static func age(_ date: Date, now: Date = Date()) -> String {
        "\(seconds(max(0, now.timeIntervalSince(date)))) ago"
    }

    /// `24 GiB`; `-` for 0, which is not known.
    static func memory(mebibytes: Int) -> String {
        mebibytes == 0 ? "-" : "\(number(Double(mebibytes) / 1024, digits: mebibytes.isMultiple(of: 1024) ? 0 : 1)) GiB"
    }

    /// `3 tasks`, `1 task`.
    static func count(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
}
