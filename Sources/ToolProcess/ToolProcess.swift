import Subprocess
package import SystemPackage

/// Runs a program as a child that leads a session of its own: no shell, a limit of time, nothing left behind.
///
/// When the program ends, whatever it started and left running is killed; what made a session of its own escapes, but
/// is not waited for.
package struct ToolProcess: Sendable {
    package let executable: FilePath
    /// All that the program has for an environment.
    package var environment: [String: String]
    /// A run that takes longer is ended.
    package var limit: Duration
    /// How long the program and its children may take to end by themselves after SIGTERM; then they are killed.
    package var grace: Duration
    /// Of either output the last so many bytes are kept.
    package var outputBytesMax: Int

    package init(
        _ executable: FilePath, environment: [String: String] = [:], limit: Duration, grace: Duration = .seconds(2),
        outputBytesMax: Int = 32 * 1_024
    ) {
        self.executable = executable
        self.environment = environment
        self.limit = limit
        self.grace = grace
        self.outputBytesMax = outputBytesMax
    }

    /// Runs the program in `directory` and waits for its end, which may be a failure or the limit of time.
    ///
    /// - Parameters:
    ///   - input: a file that the program reads as its standard input; none is empty.
    ///   - onLine: told each line of the standard output as it comes, without its end.
    /// - Throws: ``ToolFailure`` when the program cannot be started; `CancellationError` when the task is canceled,
    ///   once the program has ended.
    package func callAsFunction(
        _ arguments: [String], in directory: FilePath? = nil, input: FilePath? = nil,
        onLine: (@Sendable (String) -> Void)? = nil
    ) async throws -> ToolOutcome {
        try Task.checkCancellation()
        let output = OutputTail(bytesMax: outputBytesMax)
        let log = OutputTail(bytesMax: outputBytesMax)
        let ending = try await withThrowingTaskGroup(of: ToolOutcome.Ending.self) { group in
            group.addTask { try await run(arguments, in: directory, input, output, log, onLine) }
            group.addTask {
                try await Task.sleep(for: limit)
                return .timedOut
            }
            // What leaves the group waits for the other, and so for the end of the program.
            defer { group.cancelAll() }
            return try await group.next() ?? .timedOut
        }
        try Task.checkCancellation()
        return ToolOutcome(ending: ending, output: output.text, log: log.text)
    }

    @concurrent
    private func run(
        _ arguments: [String], in directory: FilePath?, _ input: FilePath?, _ output: OutputTail, _ log: OutputTail,
        _ onLine: (@Sendable (String) -> Void)?
    ) async throws -> ToolOutcome.Ending {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [.gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: grace)]
        let variables = environment.map { (Environment.Key(stringLiteral: $0), $1) }
        do {
            let input = try FileDescriptor.open(input ?? "/dev/null", .readOnly, options: .closeOnExec)
            let result = try await Subprocess.run(
                .path(executable), arguments: Arguments(arguments),
                environment: .custom(Dictionary(uniqueKeysWithValues: variables)), workingDirectory: directory,
                platformOptions: options, input: .fileDescriptor(input, closeAfterSpawningProcess: true),
                output: .sequence, error: .sequence
            ) { execution in
                let group = ProcessGroup(leader: execution.processIdentifier.value)
                do {
                    async let logged: Void = log.read(execution.standardError, of: group)
                    try await output.read(execution.standardOutput, of: group, onLine)
                    try await logged
                } catch {
                    await group.endAfterLeader()
                    throw error
                }
                await group.endAfterLeader()
            }
            switch result.terminationStatus {
            case .exited(let code): return .exited(Int(code))
            case .signaled(let signal): return .signaled(Int(signal))
            }
        } catch let error where error is SubprocessError || error is Errno {
            try Task.checkCancellation()
            throw ToolFailure(executable: executable, detail: "\(error)")
        }
    }
}
