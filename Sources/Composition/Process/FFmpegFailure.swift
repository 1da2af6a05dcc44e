import StudioCore
import ToolProcess

/// Says what sort of failure a failed run of ffmpeg was.
enum FFmpegFailure {
    private static let detailMax = 1_200

    /// Classifies by what ffmpeg logged last.
    ///
    /// - Parameter step: what the run was for.
    static func classify(log: String, ending: ToolOutcome.Ending, step: String) -> TaskFailure {
        let tail = String(log.suffix(detailMax)).trimmed
        let detail = "\(step): \(ending): \(tail.isEmpty ? "ffmpeg said nothing" : tail)"
        if log.contains("No space left on device") || log.contains("Disk quota exceeded") {
            return TaskFailure(.resource, code: "disk_full", detail: detail)
        }
        var isSignaled: Bool { if case .signaled = ending { true } else { false } }
        if isSignaled || log.contains("Cannot allocate memory") {
            return TaskFailure(.resource, code: "ffmpeg_killed", detail: detail)
        }
        if damageMarks.contains(where: log.contains) {
            return TaskFailure(.userError, code: "input_corrupt", detail: detail)
        }
        return TaskFailure(.temporary, code: "ffmpeg_failed", detail: detail)
    }

    /// What ffmpeg's demuxers and decoders say of damaged data.
    static let damageMarks = [
        "Invalid data found when processing input", "moov atom not found", "error while decoding",
        "Error while decoding", "Error submitting packet to decoder", "Invalid NAL unit size",
        "Error splitting the input into NAL units", "concealing", "non-existing PPS", "no frame!",
        "Decode error rate",
    ]
}

extension String {
    /// Without white space at either end.
    var trimmed: String {
        var rest = self[...]
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest)
    }
}

extension Double {
    /// In plain decimal digits, never in scientific form.
    ///
    /// - Parameter places: digits after the point, 0 to 9.
    func fixed(_ places: Int) -> String {
        guard isFinite else { return self < 0 ? "-inf" : isNaN ? "nan" : "inf" }
        let scale = (0..<places).reduce(1) { value, _ in value * 10 }
        let scaled = Int((magnitude * Double(scale)).rounded())
        let whole = "\(self < 0 && scaled > 0 ? "-" : "")\(scaled / scale)"
        guard places > 0 else { return whole }
        let fraction = String(scaled % scale)
        return "\(whole).\(String(repeating: "0", count: max(0, places - fraction.count)))\(fraction)"
    }
}
