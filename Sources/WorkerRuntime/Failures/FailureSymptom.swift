/// What an executor saw go wrong, before the table of signatures says what it means.
///
/// Executors throw it; nothing above them sees it.
package struct FailureSymptom: Error, Sendable, Hashable {
    /// What no answer says, because there was none.
    package enum Condition: String, Sendable, CaseIterable {
        /// The service cannot be connected to, or the program cannot be started.
        case unreachable
        /// It took longer than it may, or made no progress.
        case hung
    }

    /// Of a longer text the first and the last half of so many bytes are kept: causes stand at either end.
    package static let textBytesMax = 8_192

    package let service: ServiceKind
    package var condition: Condition?
    package var httpStatus: Int?
    package var exitStatus: Int?
    /// The number of the signal that ended the program.
    package var signal: Int?
    /// What was said, such as a body or the end of a log.
    package let text: String
    /// The `Retry-After` that was asked for, in seconds.
    package var retryAfterSeconds: Double?

    package init(
        _ service: ServiceKind, condition: Condition? = nil, httpStatus: Int? = nil, exitStatus: Int? = nil,
        signal: Int? = nil, text: String = "", retryAfterSeconds: Double? = nil
    ) {
        self.service = service
        self.condition = condition
        self.httpStatus = httpStatus
        self.exitStatus = exitStatus
        self.signal = signal
        self.text = Self.bounded(text)
        self.retryAfterSeconds = retryAfterSeconds
    }

    private static func bounded(_ text: String) -> String {
        let bytes = text.utf8
        guard bytes.count > textBytesMax else { return text }
        let half = textBytesMax / 2 - separator.utf8.count
        return String(decoding: bytes.prefix(half), as: UTF8.self) + separator
            + String(decoding: bytes.suffix(half), as: UTF8.self)
    }

    private static let separator = "\n…\n"
}

extension FailureSymptom: CustomStringConvertible {
    /// For people: `HTTP 500: …`.
    package var description: String {
        let facts = [
            condition.map(\.rawValue), httpStatus.map { "HTTP \($0)" }, exitStatus.map { "exit status \($0)" },
            signal.map { "killed by signal \($0)" },
        ].compactMap { $0 }
        let said = text.split(whereSeparator: \.isNewline).joined(separator: "\n")
        return ([facts.joined(separator: ", "), said].filter { !$0.isEmpty }).joined(separator: ": ")
    }
}
