import Foundation
import StudioClient
import StudioCore
import Synchronization

/// Follows a run to its end, on a terminal or line by line.
struct RunWatcher: Sendable {
    private static let redrawInterval = Duration.milliseconds(200)

    private let client: StudioClient
    /// Redraws in place.
    private let isLive = Terminal.isInteractive

    init(client: StudioClient) {
        self.client = client
    }

    /// Returns when the run has ended, whatever became of it.
    ///
    /// - Throws: ``Failure`` with `timedOut` when that takes longer than `limit`.
    func watch(_ run: RunRecord, limit: Duration? = nil) async throws -> RunBoard {
        let shared = SharedBoard(RunBoard(run: run))
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                for try await news in client.news(of: run.id) {
                    let lines = shared.board.withLock { $0.take(news) }
                    if !isLive { for line in lines { Terminal.note("\(Self.clock) \(line)") } }
                }
                return true
            }
            if isLive {
                group.addTask {
                    try await draw(shared)
                    return false
                }
            }
            if let limit {
                group.addTask {
                    try await Task.sleep(for: limit)
                    throw Failure(
                        .timedOut, "\(run.id) has not ended within \(limit.components.seconds) s; it goes on.")
                }
            }
            defer { group.cancelAll() }
            while let ended = try await group.next(), !ended {}
        }
        return shared.board.withLock { $0 }
    }

    private static var clock: String {
        let parts = Calendar.current.dateComponents([.hour, .minute, .second], from: Date())
        return [parts.hour, parts.minute, parts.second]
            .map { number in String(format: "%02d", number ?? 0) }.joined(separator: ":")
    }

    /// Redraws until it is cancelled, and then once more, so that the last state stays on the screen.
    private func draw(_ shared: SharedBoard) async throws {
        let begin = ContinuousClock.now
        var drawn = 0
        while true {
            let elapsed = ContinuousClock.now - begin
            let (width, height) = Terminal.size
            let now = shared.board.withLock { $0 }
            let lines = LiveView.render(
                now, width: width - 1, height: height - 1,
                elapsed: Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18,
                color: Terminal.usesColor)
            let back = drawn > 0 ? "\u{1B}[\(drawn)A\r\u{1B}[J" : ""
            Terminal.draw(back + lines.joined(separator: "\n") + "\n")
            drawn = lines.count
            if Task.isCancelled { return }
            do { try await Task.sleep(for: Self.redrawInterval) } catch { continue }
        }
    }

    /// Ends the command as the run ended.
    static func conclude(_ board: RunBoard) throws {
        let run = board.run
        switch run.state {
        case .succeeded: return
        case .canceled: throw Failure(.canceled, "\(run.id) was canceled.")
        default:
            var lines = ["\(run.id) \(run.state.rawValue)\(run.reason.map { ": \($0.detail)" } ?? ".")"]
            for task in board.failures {
                let reason = task.reason.map { "\($0.detail) [\($0.code)]" } ?? "no reason was given"
                lines.append("  \(task.key) (attempt \(task.attempt.n) of \(task.attempt.max)): \(reason)")
            }
            throw Failure(.runFailed, lines.joined(separator: "\n"))
        }
    }
}

/// A board that one task changes and another draws.
private final class SharedBoard: Sendable {
    let board: Mutex<RunBoard>

    init(_ board: RunBoard) {
        self.board = Mutex(board)
    }
}
