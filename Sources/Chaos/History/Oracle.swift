package import StudioCore

/// A run as the database has it when everything is quiet.
package struct RunTruth: Sendable, Hashable {
    package let id: RunID
    package let state: RunState
    package let tasks: Int
    /// The client's key; nil for a run that was made without one.
    package let key: String?

    package init(id: RunID, state: RunState, tasks: Int, key: String?) {
        self.id = id
        self.state = state
        self.tasks = tasks
        self.key = key
    }
}

/// Holds the studio to what it told its client: compares the client's history with the truth.
package struct Oracle: Sendable {
    /// What the comparison found; all but the counts break a promise.
    package struct Verdict: Sendable, Hashable {
        /// Runs that the client was promised.
        package var accepted = 0
        /// Promised runs that are not there, or never ended.
        package var lost: [String] = []
        /// Runs that are there more than once, or that nobody asked for.
        package var duplicated: [String] = []
        package var violations: [String] = []
        /// Cancels that met a run which had just ended: each a race that the run won.
        package var cancelsTooLate = 0
    }

    private let calls: [Int: [HistoryEntry]]
    private let entries: [HistoryEntry]
    private let truth: [RunID: RunTruth]
    private let retries: [RunID: [HistoryEntry]]

    package init(history: [HistoryEntry], truth: [RunTruth]) {
        entries = history
        calls = Dictionary(grouping: history) { $0.call }
        retries = history.reduce(into: [:]) { retries, entry in
            guard entry.operation == .retry, entry.outcome == .asked, let run = entry.run else { return }
            retries[run, default: []].append(entry)
        }
        self.truth = Dictionary(truth.map { ($0.id, $0) }) { first, _ in first }
    }

    package func judge() -> Verdict {
        var verdict = Verdict()
        judgeCreation(&verdict)
        judgeStrangers(&verdict)
        judgeEndings(&verdict)
        judgeCancels(&verdict)
        return verdict
    }

    /// I1, I12: what was promised exists once, whole, has ended, and every call with a key got the same answer.
    private func judgeCreation(_ verdict: inout Verdict) {
        let creations = entries.filter { $0.operation == .create && $0.outcome == .done }
        for (key, answers) in Dictionary(grouping: creations, by: { $0.key ?? "" }).sorted(by: { $0.key < $1.key }) {
            verdict.accepted += 1
            let runs = Set(answers.compactMap(\.run))
            if runs.count > 1 { verdict.violations.append("I12 \(key) was answered with \(runs.count) runs") }
            for run in runs {
                guard let row = truth[run] else {
                    verdict.lost.append("I1 \(run) was accepted and is not there")
                    continue
                }
                if !row.state.isTerminal { verdict.lost.append("I1 \(run) is \(row.state.rawValue) for ever") }
                if let tasks = answers.first?.tasks, row.tasks != tasks {
                    verdict.violations.append("I1 \(run) has \(row.tasks) tasks, not \(tasks)")
                }
            }
        }
        for entry in entries where entry.operation == .create && entry.outcome == .refused {
            verdict.violations.append("I1 \(entry.key ?? "") was refused: \(entry.detail ?? "")")
        }
        for entry in entries where entry.operation == .createOther && entry.outcome == .done {
            verdict.violations.append("I12 \(entry.key ?? "") was taken for another run")
        }
    }

    /// I1: nothing is there that was not asked for, nor twice.
    private func judgeStrangers(_ verdict: inout Verdict) {
        let keys = Set(entries.compactMap { $0.operation == .create ? $0.key : nil })
        for row in truth.values.sorted(by: { $0.id < $1.id }) {
            guard let key = row.key, keys.contains(key) else {
                verdict.duplicated.append("I1 \(row.id) is there and was not asked for")
                continue
            }
        }
        for (key, rows) in Dictionary(grouping: truth.values, by: { $0.key ?? "" }) where rows.count > 1 && key != "" {
            verdict.duplicated.append("I12 \(key) made \(rows.count) runs")
        }
    }

    /// I4: a run that was shown as ended ended so, unless it was taken up again.
    private func judgeEndings(_ verdict: inout Verdict) {
        for entry in entries where entry.operation == .seen {
            guard let run = entry.run, let seen = entry.state, let row = truth[run], row.state != seen,
                !mayHaveBegunAgain(run, after: entry.number)
            else { continue }
            verdict.violations.append("I4 \(run) was \(seen.rawValue) and is \(row.state.rawValue)")
        }
    }

    /// I8: a run whose cancel was acknowledged did not succeed, unless it was taken up again.
    private func judgeCancels(_ verdict: inout Verdict) {
        for entry in entries where entry.operation == .cancel {
            if entry.outcome == .refused, let run = entry.run, truth[run]?.state == .succeeded {
                verdict.cancelsTooLate += 1
            }
            guard entry.outcome == .done, let run = entry.run, truth[run]?.state == .succeeded,
                !mayHaveBegunAgain(run, after: entry.call)
            else { continue }
            verdict.violations.append("I8 \(run) was canceled and succeeded")
        }
    }

    /// Whether a retry of the run was asked, or not yet answered, after this place in the history.
    private func mayHaveBegunAgain(_ run: RunID, after number: Int) -> Bool {
        (retries[run] ?? []).contains { entry in
            let answer = calls[entry.call]?.first { $0.outcome != .asked }
            // Without an answer it may happen at any time.
            guard let answer, answer.outcome != .unknown else { return true }
            return answer.number > number
        }
    }
}
