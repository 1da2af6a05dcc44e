extension ChaosReport {
    /// Violations shown of each sort.
    private static let shownMax = 10

    /// For people.
    package var lines: [String] {
        var lines = [
            "seed \(seed), \(seconds) s: \(runs) runs, \(tasks.total) tasks"
                + (heldBack > 0 ? " (\(heldBack) runs held back, too many were under way)" : ""),
            "tasks          \(tasks.succeeded) succeeded, \(tasks.failed) failed, \(tasks.canceled) canceled, "
                + "\(tasks.skipped) skipped",
        ]
        if !tasks.failures.isEmpty {
            let codes = tasks.failures.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            lines.append("failed because  \(codes.joined(separator: ", "))")
        }
        lines += faultLines
        lines += [
            "take-over      \(text(takeOver)); undisturbed \(text(takeOverUndisturbed))",
            "longest outage \(longestOutage) s",
            "tasks/s        \(throughput.before) before, \(throughput.during) during, \(throughput.after) after",
            "quiet after    \(quietAfter.map { "\($0) s" } ?? "never")",
            "garbage        \(garbage) objects that no row shows",
        ]
        lines += evidenceLines
        for (name, growth) in growth.sorted(by: { $0.key < $1.key }) {
            lines.append(
                "\(pad(name, 14)) \(growth.megabytes) MB (\(growth.megabytesPerMinute) a minute), "
                    + "\(growth.descriptors) descriptors (\(growth.descriptorsPerMinute) a minute), "
                    + "over \(growth.seconds) s")
        }
        lines += told("lost", lost) + told("duplicated", duplicated) + told("violations", violations)
        lines.append("history        \(history)")
        lines.append("again          \(command)")
        lines.append(isPassed ? "PASSED" : "FAILED")
        return lines
    }

    private var faultLines: [String] {
        let injected = faults.reduce(0) { $0 + $1.injected }
        let kinds = faults.count { $0.injected > 0 }
        return ["faults         \(injected) of \(kinds) kinds; recovery in seconds"]
            + faults.map { line in
                let rest = line.notInjected > 0 ? " (\(line.notInjected) not injected)" : ""
                return "  \(pad(line.kind.rawValue, 26)) \(pad("\(line.injected)", 4)) \(text(line.recovery))\(rest)"
            }
    }

    private var evidenceLines: [String] {
        var lines = [
            "evidence       \(evidence.staleReportsRejected) stale reports rejected, "
                + "\(evidence.forgedReportsRefused) forged or unreadable ones refused, "
                + "\(evidence.takeOvers) take-overs,",
            "               \(evidence.repeatedHints) repeated hints, \(evidence.lostHintsSentAgain) lost hints sent "
                + "again, \(evidence.preconditionsFailed) uploads that were there already (412),",
            "               \(evidence.cancelRaces) cancel races, \(evidence.unansweredSubmissions) submissions "
                + "without an answer",
        ]
        if !evidence.absent.isEmpty {
            lines.append("never seen     \(evidence.absent.joined(separator: ", "))")
        }
        return lines
    }

    private func told(_ name: String, _ list: [String]) -> [String] {
        ["\(pad(name, 14)) \(list.count)"] + list.prefix(Self.shownMax).map { "  \($0)" }
    }

    private func text(_ spread: Spread) -> String {
        spread.count == 0 ? "-" : "p50 \(spread.p50) s  p99 \(spread.p99) s  max \(spread.max) s  (\(spread.count))"
    }

    private func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
