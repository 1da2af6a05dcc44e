import Foundation
import SystemPackage

/// How a process ended.
package enum ExitStatus: Sendable, Equatable, Codable, CustomStringConvertible {
    case exited(code: Int32)
    case signalled(Int32)
    /// The process is gone and nobody saw how.
    case unknown

    /// Whether the process ended by itself and said that all is well.
    package var isSuccess: Bool { self == .exited(code: 0) }

    package var description: String {
        switch self {
        case .exited(let code): "exited with \(code)"
        case .signalled(let signal): "killed by signal \(signal)"
        case .unknown: "ended"
        }
    }

    /// A shell reports a process killed by signal N as 128 + N.
    private static let signalBase: Int32 = 128

    /// Reads what the launcher wrote when the process ended.
    init(reading file: FilePath) {
        guard let text = try? String(contentsOfFile: file.string, encoding: .utf8),
            let code = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines))
        else {
            self = .unknown
            return
        }
        self = code > Self.signalBase ? .signalled(code - Self.signalBase) : .exited(code: code)
    }

    /// Waits a moment for what the launcher writes just after the process is gone; works in a cancelled task.
    static func settled(in file: FilePath) async -> ExitStatus {
        let deadline = ContinuousClock.now + .seconds(1)
        while true {
            let status = ExitStatus(reading: file)
            if status != .unknown || ContinuousClock.now >= deadline { return status }
            await Pause.uncancellable(for: .milliseconds(10))
        }
    }
}
