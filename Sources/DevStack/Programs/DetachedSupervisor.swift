import Foundation
package import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A supervisor in a process of its own, so that `studio dev up` returns and the programs live on.
///
/// `launch` starts the given command detached, by convention `studio dev supervise --dir …`. That command reads
/// ``programs()`` and calls ``supervise(programs:in:progress:until:)`` with a closure that waits for SIGTERM. Both
/// sides share the directory: the list of programs (mode 0600, as their environment holds passwords), records, logs.
package struct DetachedSupervisor: Sendable {
    private static let name = "supervisor"
    private static let pollInterval = Duration.milliseconds(100)
    /// What a supervisor may take beyond the grace periods of its programs.
    private static let ownGrace = Duration.seconds(5)

    private let directory: FilePath

    /// Names the directory that supervisor and programs use, conventionally `programs` in the stack's root.
    package init(directory: FilePath) {
        self.directory = FilePath(FileManager.default.currentDirectoryPath).pushing(directory)
    }

    /// The supervisor's own log.
    package var log: FilePath { directory.appending("\(Self.name).log") }

    private var recordFile: FilePath { directory.appending("\(Self.name).json") }
    private var programsFile: FilePath { directory.appending("programs.list") }

    /// The programs of the last ``launch(_:arguments:programs:)``; empty when there was none.
    package func programs() throws -> [ProgramSpecification] {
        try PrivateFile.read([ProgramSpecification].self, from: programsFile) ?? []
    }

    /// The supervisor's process, when it lives.
    package var identity: ProcessIdentity? {
        let record = try? PrivateFile.read(ProcessRecord.self, from: recordFile)
        return record.flatMap { $0.isAlive ? $0.identity : nil }
    }

    /// Starts a supervisor for these programs, in the place of one that may run, and waits until all are ready.
    ///
    /// - Parameters:
    ///   - executable: a program beside the running one, or an absolute path.
    ///   - arguments: what makes that program call ``supervise(programs:in:progress:until:)`` for this directory.
    /// - Throws: ``StackError`` with the end of the log when a program does not become ready.
    package func launch(
        _ executable: String = "studio", arguments: [String], programs: [ProgramSpecification]
    ) async throws {
        await stop()
        try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
        try PrivateFile.write(json: programs, to: programsFile)
        let record = try await Launcher.launch(
            LaunchPlan(
                name: Self.name, executable: try ProgramLocator.find(executable), arguments: arguments,
                environment: ProcessInfo.processInfo.environment,
                workingDirectory: FilePath(FileManager.default.currentDirectoryPath), log: log,
                exitFile: directory.appending("\(Self.name).exit")))
        try PrivateFile.write(json: record, to: recordFile)
        let limit = programs.reduce(10) { $0 + $1.readinessSeconds }
        let deadline = ContinuousClock.now + .seconds(limit)
        do {
            while await !statuses().allSatisfy({ $0.state == .ready }) {
                guard record.isAlive, ContinuousClock.now < deadline else {
                    throw StackError(
                        .notReady, "The programs did not become ready. \(LogTail.text(of: log))",
                        cure: "See the logs in \(directory).")
                }
                try await Task.sleep(for: Self.pollInterval)
            }
        } catch {
            await stop()
            throw error
        }
    }

    /// Says what each program does, from outside; empty when none was ever launched.
    package func statuses() async -> [ProgramStatus] {
        var list: [ProgramStatus] = []
        for program in (try? programs()) ?? [] {
            list.append(await ProgramProcess.status(of: program, in: directory))
        }
        return list
    }

    /// Stops the supervisor, which stops its programs, and then whatever of them is left; never fails.
    package func stop() async {
        let programs = ((try? programs()) ?? []).reversed()
        let grace = programs.reduce(Self.ownGrace) { $0 + .seconds($1.graceSeconds) }
        // Its programs are not its children in the process table, so ending it does not end them.
        await identity?.stop(asking: SIGTERM, grace: grace)
        try? FileManager.default.removeItem(atPath: recordFile.string)
        for program in programs {
            let file = directory.appending("\(program.name).json")
            guard let record = try? PrivateFile.read(ProcessRecord.self, from: file) else { continue }
            await record.identity.stop(asking: SIGTERM, grace: .seconds(program.graceSeconds))
            try? FileManager.default.removeItem(atPath: file.string)
        }
    }
}
