import Foundation
package import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One run of one of our programs: started, waited for, signalled, stopped.
///
/// The process is detached like a service, so a signal to the terminal's process group does not reach it, and it is
/// stopped in the order its owner chooses. Its record stays in the directory: what the owner could not stop, because
/// it was killed itself, the next owner finds and stops.
package actor ProgramProcess {
    private static let probeInterval = Duration.milliseconds(50)

    package nonisolated let specification: ProgramSpecification
    private let directory: FilePath
    private var record: ProcessRecord?
    private var wasStopped = false

    /// Prepares a program; nothing is started yet.
    ///
    /// - Parameter directory: where its record and its log are kept; made when missing.
    package init(_ specification: ProgramSpecification, in directory: FilePath) {
        self.specification = specification
        self.directory = FilePath(FileManager.default.currentDirectoryPath).pushing(directory)
    }

    /// The log file: standard output and error, appended over all runs.
    package nonisolated var log: FilePath { directory.appending("\(specification.name).log") }

    private nonisolated var exitFile: FilePath { directory.appending("\(specification.name).exit") }
    private nonisolated var recordFile: FilePath { directory.appending("\(specification.name).json") }

    /// The process, once started; it may have ended.
    package var identity: ProcessIdentity? { record?.identity }
    package var isRunning: Bool { record?.isAlive ?? false }

    /// Starts the program, after stopping what a former owner of the directory may have left running under its name.
    package func start() async throws {
        guard !isRunning else { return }
        try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
        let executable = try ProgramLocator.find(specification.executable)
        if let leftover = try? PrivateFile.read(ProcessRecord.self, from: recordFile) {
            await leftover.identity.stop(asking: SIGTERM, grace: .seconds(specification.graceSeconds))
            guard !leftover.isAlive else {
                throw StackError(
                    .busy, "An earlier \(specification.name), pid \(leftover.identity.pid), cannot be stopped.",
                    cure: "End that process.")
            }
        }
        if let port = specification.readinessPort, !Ports.isFree(port) {
            throw StackError(
                .portInUse,
                "\(specification.name) needs port \(port), held by \(Ports.holder(of: port) ?? "another process").",
                cure: "End that process, or choose another port.")
        }
        let started = try await Launcher.launch(
            LaunchPlan(
                name: specification.name, executable: executable, arguments: specification.arguments,
                environment: ProcessInfo.processInfo.environment.merging(specification.environment) { $1 },
                workingDirectory: FilePath(FileManager.default.currentDirectoryPath), log: log, exitFile: exitFile))
        record = started
        wasStopped = false
        try PrivateFile.write(json: started, to: recordFile)
    }

    /// Waits until the program says that it is ready, or returns at once when it has no readiness address.
    ///
    /// - Throws: ``StackError`` with the end of the log when it ended or took longer than it may.
    package func waitUntilReady() async throws {
        let deadline = ContinuousClock.now + .seconds(specification.readinessSeconds)
        while await status().state != .ready {
            guard isRunning else {
                let exit = await ExitStatus.settled(in: exitFile)
                throw StackError(
                    .notReady, "\(specification.name) \(exit) before it was ready. \(LogTail.text(of: log))", cure: "")
            }
            guard ContinuousClock.now < deadline else {
                throw StackError(
                    .notReady,
                    "\(specification.name) was not ready within \(specification.readinessSeconds) s. "
                        + LogTail.text(of: log),
                    cure: "")
            }
            try await Task.sleep(for: Self.probeInterval)
        }
    }

    /// Says what the program does now.
    package func status() async -> ProgramStatus {
        await Self.status(of: specification, record: record, wasStopped: wasStopped, exitFile: exitFile, log: log)
    }

    /// Sends a signal; SIGKILL makes a crash.
    ///
    /// - Returns: whether there was a process to send it to.
    @discardableResult
    package func kill(_ signal: Int32 = 9) -> Bool { record?.identity.send(signal) ?? false }

    /// Waits until the program has ended by itself or by a signal.
    ///
    /// - Returns: how it ended; nil when the limit passed first.
    package func waitForExit(within limit: Duration) async -> ExitStatus? {
        guard let record else { return .unknown }
        guard await record.identity.waitForEnd(within: limit) else { return nil }
        return await ExitStatus.settled(in: exitFile)
    }

    /// Stops the program: SIGTERM, then SIGKILL after its grace period, for its children too.
    ///
    /// It works in a cancelled task as well.
    @discardableResult
    package func terminate() async -> ExitStatus {
        guard let record else { return .unknown }
        await record.identity.stop(asking: SIGTERM, grace: .seconds(specification.graceSeconds))
        wasStopped = true
        // Whoever comes next must find what even SIGKILL has not ended.
        if !record.isAlive { try? FileManager.default.removeItem(atPath: recordFile.string) }
        return await ExitStatus.settled(in: exitFile)
    }

    /// Says what a program does that some other process may own, from the files in its directory.
    static func status(of specification: ProgramSpecification, in directory: FilePath) async -> ProgramStatus {
        let record = try? PrivateFile.read(
            ProcessRecord.self, from: directory.appending("\(specification.name).json"))
        return await status(
            of: specification, record: record, wasStopped: false,
            exitFile: directory.appending("\(specification.name).exit"),
            log: directory.appending("\(specification.name).log"))
    }

    private static func status(
        of specification: ProgramSpecification, record: ProcessRecord?, wasStopped: Bool, exitFile: FilePath,
        log: FilePath
    ) async -> ProgramStatus {
        var state = ProgramStatus.State.stopped
        var exit: ExitStatus?
        if let record, record.isAlive {
            state = .ready
            if let port = specification.readinessPort {
                let answer = await Probe.http(port: port, path: specification.readinessPath)
                if answer?.status != 200 { state = .starting }
            }
        } else if record != nil {
            state = wasStopped ? .stopped : .crashed
            exit = ExitStatus(reading: exitFile)
        }
        let isAlive = state == .ready || state == .starting
        return ProgramStatus(
            name: specification.name, state: state, pid: isAlive ? record?.identity.pid : nil,
            port: specification.readinessPort, since: record?.since, exit: exit, log: log.string)
    }
}
