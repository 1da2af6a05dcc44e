import Foundation
import Subprocess
import SystemPackage

/// Starts processes that outlive the one that starts them.
enum Launcher {
    /// Past this size a log is set aside before the next start; one old log is kept.
    static let logLimit = 16 * 1024 * 1024

    // The shell in the background stays behind as the parent of the process, in a session of its own: it reaps the
    // process and writes down how it ended, also when whoever asked for the start is long gone. The shell in front
    // ends when it has told the pid.
    private static let script = """
        log=$1 status=$2; shift 2
        {
            {
                exec 2>>"$log" </dev/null
                "$@" >&2 & pid=$!
                echo $pid
                exec >&2
                wait $pid
                echo $? >"$status"
            } &
        } | { read -r pid && echo "$pid"; }
        """

    /// Starts a process in a new session, detached from this one, and identifies it.
    ///
    /// The process may have ended when this returns; its identity is then one that is not alive. A task that is
    /// cancelled starts nothing, and one that is cancelled meanwhile leaves nothing behind of which it has no record.
    static func launch(_ plan: LaunchPlan) async throws -> ProcessRecord {
        try Task.checkCancellation()
        try? FileManager.default.removeItem(atPath: plan.exitFile.string)
        rotate(plan.log)
        var options = PlatformOptions()
        options.createSession = true
        // The session's group: what the shell has started already ends with it.
        options.teardownSequence = [.send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .zero)]
        var environment: [Environment.Key: String] = [:]
        for (name, value) in plan.environment {
            if let key = Environment.Key(rawValue: name) { environment[key] = value }
        }
        let shell = ["-c", script, plan.name, plan.log.string, plan.exitFile.string, plan.executable.string]
        let since = Date()
        let result = try await run(
            .path("/bin/sh"), arguments: Arguments(shell + plan.arguments), environment: .custom(environment),
            workingDirectory: .init(plan.workingDirectory.string), platformOptions: options,
            output: .string(limit: 64), error: .string(limit: 4096))
        let answer = result.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
        guard let pid = Int32(answer) else {
            try Task.checkCancellation()
            throw StackError(
                .launchFailed, "\(plan.name) could not be started. \(result.standardError)",
                cure: "Check that \(plan.log) can be written.")
        }
        let identity = ProcessIdentity(pid: pid) ?? ProcessIdentity(pid: pid, birth: "ended at once")
        return ProcessRecord(identity: identity, since: since)
    }

    private static func rotate(_ log: FilePath) {
        let attributes = try? FileManager.default.attributesOfItem(atPath: log.string)
        guard let size = attributes?[.size] as? Int, size > logLimit else { return }
        let old = log.string + ".1"
        try? FileManager.default.removeItem(atPath: old)
        try? FileManager.default.moveItem(atPath: log.string, toPath: old)
    }
}
