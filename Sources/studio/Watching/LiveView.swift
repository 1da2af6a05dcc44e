import StudioCore

/// A run as some lines of text: pure, so that tests can look at it.
enum LiveView {
    private static let barWidth = 24
    private static let nameWidthMax = 20

    /// The lines, none wider than `width`, no more than `height`.
    ///
    /// - Parameters:
    ///   - elapsed: seconds since the run began, for the time it will still take.
    ///   - color: whether escape sequences may be used; they do not count as width.
    static func render(
        _ board: RunBoard, width: Int, height: Int = .max, elapsed: Double? = nil, color: Bool = false
    ) -> [String] {
        let rows = board.rows
        let room = max(1, height - 2)
        let shown = rows.count <= room ? rows : Array(interesting(rows).prefix(room - 1))
        let nameWidth = min(nameWidthMax, shown.map(\.name.count).max() ?? 0)
        var lines = shown.map { line($0, nameWidth, width, color) }
        if shown.count < rows.count { lines.append(clipped("  … and \(rows.count - shown.count) more", width)) }
        lines.append(overall(board, width, elapsed))
        return lines
    }

    /// What fails and runs first, then what waits, then what is done; otherwise in order.
    private static func interesting(_ rows: [RunBoard.Row]) -> [RunBoard.Row] {
        func rank(_ row: RunBoard.Row) -> Int {
            switch row.state {
            case .failed, .canceling: 0
            case .running, .retrying: 1
            case .queued, .paused, .blocked: 2
            case .succeeded, .canceled, .skipped: 3
            }
        }
        return rows.enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }.map(\.element)
    }

    private static func line(_ row: RunBoard.Row, _ nameWidth: Int, _ width: Int, _ color: Bool) -> String {
        let name = padded(clipped(row.name, nameWidth), nameWidth)
        let percent = row.state == .succeeded ? "100%" : "\(Int(row.ratio * 100))%"
        let head = "\(glyph(row.state)) \(name) \(padded(percent, 4)) \(padded(row.state.rawValue, 9))"
        let text = clipped(row.detail.isEmpty ? head : "\(head) \(row.detail)", width)
        guard color, let first = text.first else { return text }
        return "\u{1B}[\(tint(row.state))m\(first)\u{1B}[0m\(text.dropFirst())"
    }

    private static func overall(_ board: RunBoard, _ width: Int, _ elapsed: Double?) -> String {
        let ratio = board.run.isTerminal && board.run.state == .succeeded ? 1 : board.ratio
        let filled = Int((ratio * Double(barWidth)).rounded())
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: barWidth - filled)
        let total = max(board.tasks.count, board.run.tasks.total)
        var text = "\(bar) \(Int(ratio * 100))%  \(board.doneTasks)/\(total) tasks  \(board.run.state.rawValue)"
        if let elapsed {
            text += "  \(Spoken.seconds(elapsed))"
            // While it waits or is being stopped, nobody knows.
            let isMoving = board.run.state == .queued || board.run.state == .running
            if isMoving, let left = remaining(ratio: ratio, elapsed: elapsed) {
                text += ", \(Spoken.seconds(left)) left"
            }
        }
        return clipped(text, width)
    }

    /// Seconds still to go, from the pace so far; `nil` while that says nothing.
    static func remaining(ratio: Double, elapsed: Double) -> Double? {
        guard ratio > 0.05, ratio < 1, elapsed > 1 else { return nil }
        return elapsed * (1 - ratio) / ratio
    }

    static func glyph(_ state: TaskState) -> String {
        switch state {
        case .blocked: "·"
        case .queued: "○"
        case .running: "▶"
        case .retrying: "↻"
        case .paused: "‖"
        case .canceling, .canceled: "⊘"
        case .succeeded: "✓"
        case .failed: "✗"
        case .skipped: "-"
        }
    }

    /// The number of a terminal's colour.
    private static func tint(_ state: TaskState) -> Int {
        switch state {
        case .succeeded: 32
        case .failed: 31
        case .running: 36
        case .retrying, .canceling: 33
        case .blocked, .queued, .paused, .canceled, .skipped: 90
        }
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// At most `width` characters, the last of them an ellipsis when something is missing; no control characters.
    static func clipped(_ text: String, _ width: Int) -> String {
        let harmless = String(text.map { $0.isNewline || $0.unicodeScalars.contains { $0.value < 0x20 } ? " " : $0 })
        guard harmless.count > width else { return harmless }
        return width < 1 ? "" : String(harmless.prefix(width - 1)) + "…"
    }
}
