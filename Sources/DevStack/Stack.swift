import Foundation
package import Logging
import SystemPackage

/// Real Postgres, RabbitMQ and S3 as processes of this machine, under one directory.
///
/// The services do not belong to the process that starts them: they live on when it ends, and any later `Stack` of
/// the same directory finds them again through the state file. Everything is bound to 127.0.0.1.
///
/// ```swift
/// let stack = Stack(StackConfiguration(root: ".dev/stack", external: try ExternalServices(environment: environment)))
/// let endpoints = try await stack.up { event in print(event) }
/// // … run programs with endpoints.environment() …
/// try await stack.down()
/// ```
package actor Stack {
    /// How long a call waits for another process that starts or stops the same stack.
    private static let lockLimit = Duration.seconds(90)
    /// A stack does not start with less room than this on its disk, in bytes.
    private static let roomNeeded = 300 * 1024 * 1024

    package nonisolated let configuration: StackConfiguration
    let logger: Logger
    /// What the state file says, as read or written last by this actor.
    var state: StackState?

    package init(_ configuration: StackConfiguration, logger: Logger = Logger(label: "ainern2d.devstack")) {
        self.configuration = configuration
        self.logger = logger
    }

    /// Starts what does not run yet, and returns when every service answers.
    ///
    /// Calling it again is cheap and repairs: what runs is left alone, what died is started again on its old data.
    /// When one service fails, those that this call started are stopped again, and the logs stay.
    ///
    /// - Parameter progress: called for each step, in no particular order between services.
    /// - Throws: ``StackError``; its text says what to do.
    package func up(progress: @escaping @Sendable (StackEvent) -> Void = { _ in }) async throws -> Endpoints {
        try requireTools()
        try makeDirectories()
        return try await locked {
            try Task.checkCancellation()
            let context = try loadContext(creating: true)
            let before = state?.processes ?? [:]
            do {
                try await withThrowingTaskGroup { group in
                    for name in configuration.services {
                        group.addTask { try await self.start(name, in: context, progress: progress) }
                    }
                    try await group.waitForAll()
                }
            } catch {
                await stopProcesses(notIn: before)
                throw error
            }
            return context.endpoints
        }
    }

    /// Stops every process of the stack and keeps its data.
    ///
    /// It asks first and insists after a grace period; when it returns nothing of the stack is left running.
    package func down(progress: @escaping @Sendable (StackEvent) -> Void = { _ in }) async throws {
        guard FileManager.default.fileExists(atPath: stateFile.string) else { return }
        try await locked {
            let context = try loadContext(creating: false)
            await withTaskGroup { group in
                for name in ServiceName.allCases {
                    group.addTask { await self.stop(name, in: context, progress: progress) }
                }
            }
            await stopProcesses(notIn: [:])
        }
    }

    /// Throws when something is not installed that ``up(progress:)`` will run, naming all of it at once.
    ///
    /// - Parameter commands: what the caller will run besides, found in the search path.
    package func requireTools(and commands: [String] = []) throws {
        let isKnown = FileManager.default.fileExists(atPath: stateFile.string)
        let own = isKnown ? try loadContext(creating: false).ownEndpoints : Endpoints()
        let external = configuration.external.excluding(own)
        try ToolLocator(tools: configuration.tools)
            .require(configuration.services.filter { !external.contains($0) }, commands: commands)
    }

    /// Starts one service on its old data; the others are not touched.
    package func start(_ name: ServiceName) async throws {
        try await locked { try await start(name, in: try loadContext(creating: false)) { _ in } }
    }

    /// Stops one service in good order; the others are not touched.
    package func stop(_ name: ServiceName) async throws {
        try await locked { await stop(name, in: try loadContext(creating: false)) { _ in } }
    }

    /// Sends a signal to the main process of a service, for tests of failure; start it again with ``start(_:)``.
    ///
    /// After SIGKILL it returns when the process is gone. SIGSTOP and SIGCONT make a service that hangs.
    ///
    /// - Throws: ``StackError`` with `notReady` when the service does not run.
    package func kill(_ name: ServiceName, signal: Int32 = 9) async throws {
        let context = try loadContext(creating: false)
        guard let record = state?.processes[name.rawValue], record.identity.send(signal) else {
            throw StackError(.notReady, "\(name) does not run, so it cannot be killed.", cure: "Start the stack first.")
        }
        if signal == 9, await record.identity.waitForEnd(within: .seconds(5)) {
            _ = await ExitStatus.settled(in: context.exitFile(name.rawValue))
        }
    }

    /// Where the services of this stack are; nil when it was never started.
    ///
    /// It says nothing about whether they run; see ``status()``.
    package func endpoints() throws -> Endpoints? {
        guard FileManager.default.fileExists(atPath: stateFile.string) else { return nil }
        return try loadContext(creating: false).endpoints
    }

    private func locked<Value>(_ body: () async throws -> Value) async throws -> Value {
        try await DirectoryLock.holding(configuration.root, waitingAtMost: Self.lockLimit, body)
    }

    // MARK: - Files

    nonisolated var stateFile: FilePath { configuration.root.appending("state.json") }

    private nonisolated func makeDirectories() throws {
        let files = FileManager.default
        do {
            try files.createDirectory(
                atPath: configuration.root.appending("log").string, withIntermediateDirectories: true)
        } catch {
            throw StackError(
                .storage, "Could not make the directory \(configuration.root).",
                cure: "Check the owner and the free space of the directory above it.")
        }
        let system = try? files.attributesOfFileSystem(forPath: configuration.root.string)
        if let free = system?[.systemFreeSize] as? Int, free < Self.roomNeeded {
            throw StackError(
                .storage, "Only \(free / 1024 / 1024) MiB are free where \(configuration.root) lies.",
                cure: "Free at least \(Self.roomNeeded / 1024 / 1024) MiB.")
        }
    }

    /// Reads the state file anew: other processes may have changed it since.
    func loadContext(creating: Bool) throws -> StackContext {
        state = try PrivateFile.read(StackState.self, from: stateFile)
        if state == nil {
            guard creating else {
                throw StackError(
                    .configuration, "There is no stack in \(configuration.root).", cure: "Start it: studio dev up")
            }
            let ports =
                switch configuration.ports {
                case .automatic: try StackPorts.free(for: configuration.root.string)
                case .block(let first): StackPorts(first: first)
                }
            state = StackState(ports: ports, secrets: StackSecrets())
            try save()
        }
        guard let state, state.version == StackState.currentVersion else {
            throw StackError(
                .configuration, "\(stateFile) was written by another version.",
                cure: "Stop what runs there with that version, and remove \(configuration.root).")
        }
        return StackContext(
            configuration: configuration, ports: state.ports, secrets: state.secrets,
            locator: ToolLocator(tools: configuration.tools))
    }

    func save() throws {
        if let state { try PrivateFile.write(json: state, to: stateFile) }
    }
}
