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
    /// What a program of an unknown specification may take to end.
    private static let unknownGrace = 30.0
    /// How long a call waits for another process that is at work in the directory.
    private static let lockLimit = Duration.seconds(300)

    private let directory: FilePath

    /// Names the directory that supervisor and programs use, conventionally `programs` in the stack's root.
    package init(directory: FilePath) {
        self.directory = FilePath(FileManager.default.currentDirectoryPath).pushing(directory)
    }

    /// The supervisor's own log.
    package var log: FilePath { directory.appending("\(Self.name).log") }

    private func recordFile(of name: String) -> FilePath { directory.appending("\(name).json") }
    private var programsFile: FilePath { directory.appending("programs.list") }

    /// Runs the body while no other process does so for this directory; waiting for that ends with cancellation.
    ///
    /// Who asks whether programs run and then starts or stops some, does all of that in one such body; who runs
    /// programs itself, as long as they live.
    ///
    /// - Parameter onWait: told once, when there is somebody to wait for, which process that is.
    /// - Throws: ``StackError`` with `busy` after some minutes; what the body throws.
    package func exclusively<Value>(
        onWait: (String) -> Void = { _ in }, _ body: () async throws -> Value
    ) async throws -> Value {
        do {
            try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
        } catch {
            throw StackError(
                .storage, "Could not make the directory \(directory).",
                cure: "Check the owner and the free space of the directory above it.")
        }
        return try await DirectoryLock.holding(
            directory, waitingAtMost: Self.lockLimit, isCancellable: true, onWait: onWait, body)
    }

    /// The programs of the last ``launch(_:arguments:programs:)``; empty when there was none.
    package func programs() throws -> [ProgramSpecification] {
        try PrivateFile.read([ProgramSpecification].self, from: programsFile) ?? []
    }

    /// The supervisor's process, when it lives.
    package var identity: ProcessIdentity? {
        let record = try? PrivateFile.read(ProcessRecord.self, from: recordFile(of: Self.name))
        return record.flatMap { $0.isAlive ? $0.identity : nil }
    }

    /// Starts a supervisor for these programs, in the place of one that may run, and waits until all are ready.
    ///
    /// Call it in ``exclusively(onWait:_:)``, like ``stop()``.
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
        try PrivateFile.write(json: record, to: recordFile(of: Self.name))
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

    /// Stops the supervisor, which stops its programs, and then whatever has a record in the directory.
    ///
    /// It never fails: the record of what even SIGKILL does not end stays for the next try.
    ///
    /// - Returns: the names of processes that still live.
    @discardableResult
    package func stop() async -> [String] {
        let programs = (try? programs()) ?? []
        let grace = programs.reduce(Self.ownGrace) { $0 + .seconds($1.graceSeconds) }
        // Its programs are not its children in the process table, so ending it does not end them.
        var living = await stop(Self.name, grace: grace)
        // In the reverse order of their start, after those of an owner that never wrote a list.
        let listed = programs.map(\.name)
        let recorded = Set(recordedNames).subtracting(listed + [Self.name]).sorted() + listed.reversed()
        for name in recorded {
            let seconds = programs.first { $0.name == name }?.graceSeconds ?? Self.unknownGrace
            living += await stop(name, grace: .seconds(seconds))
        }
        return living
    }

    private func stop(_ name: String, grace: Duration) async -> [String] {
        let file = recordFile(of: name)
        guard let record = try? PrivateFile.read(ProcessRecord.self, from: file) else { return [] }
        await record.identity.stop(asking: SIGTERM, grace: grace)
        if record.isAlive { return [name] }
        try? FileManager.default.removeItem(atPath: file.string)
        return []
    }

    private var recordedNames: [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory.string)) ?? []
        return files.map { FilePath($0) }.filter { $0.extension == "json" }.compactMap(\.stem)
    }
}
