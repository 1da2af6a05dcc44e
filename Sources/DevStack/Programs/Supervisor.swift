import Foundation
package import SystemPackage

/// Runs a set of programs, starts again those that end unasked, and stops them all in reverse order.
///
/// A caller that has nothing else to do uses ``supervise(programs:in:progress:until:)``; a test that kills programs
/// keeps the supervisor and calls ``start()``, ``watch()``, ``kill(_:signal:)`` and ``stop()`` itself.
package actor Supervisor {
    /// The pause before the first restart; it doubles with every one that follows within ``stableAfter``.
    package static let shortestPause = Duration.milliseconds(250)
    package static let longestPause = Duration.seconds(10)
    /// A program that ran this long is healthy again: its next restart is quick.
    package static let stableAfter = Duration.seconds(30)

    private static let watchInterval = Duration.milliseconds(50)

    private struct Member {
        let process: ProgramProcess
        var restarts = 0
        var startedAt: ContinuousClock.Instant?
        /// When a program that ended is to be started again; nil while it runs or stays down.
        var restartAt: ContinuousClock.Instant?
        /// Whether somebody took the program down on purpose.
        var isHeld = false
    }

    private let order: [String]
    private var members: [String: Member]
    private let progress: @Sendable (ProgramEvent) -> Void

    /// Prepares a supervisor; nothing is started yet.
    ///
    /// - Parameters:
    ///   - programs: in the order of their start; each is ready before the next one starts.
    ///   - directory: where records and logs are kept.
    package init(
        programs: [ProgramSpecification], in directory: FilePath,
        progress: @escaping @Sendable (ProgramEvent) -> Void = { _ in }
    ) {
        order = programs.map(\.name)
        members = [:]
        for program in programs { members[program.name] = Member(process: ProgramProcess(program, in: directory)) }
        self.progress = progress
    }

    /// Starts the programs one after the other, each when the one before it is ready.
    ///
    /// When one fails, those that were started are stopped again before the error is thrown.
    package func start() async throws {
        do {
            for name in order { try await start(name) }
        } catch {
            await stop()
            throw error
        }
    }

    /// Starts programs again that end unasked, until the task is cancelled.
    package func watch() async throws {
        while true {
            try await Task.sleep(for: Self.watchInterval)
            for name in order { try await look(after: name) }
        }
    }

    /// Stops the programs in reverse order; works in a cancelled task.
    package func stop() async {
        for name in order.reversed() { await take(down: name) }
    }

    /// Sends a signal to one program; ``watch()`` will bring it back if that ends it.
    ///
    /// - Returns: whether there was a process to send it to.
    @discardableResult
    package func kill(_ name: String, signal: Int32 = 9) async -> Bool {
        await members[name]?.process.kill(signal) ?? false
    }

    /// Stops one program and keeps it down until ``bring(up:)``.
    package func take(down name: String) async {
        guard let member = members[name] else { return }
        members[name]?.isHeld = true
        members[name]?.restartAt = nil
        guard await member.process.identity != nil else { return }
        progress(.stopping(name))
        let exit = await member.process.terminate()
        progress(.stopped(name, exit))
    }

    /// Starts one program that was taken down, and waits until it is ready.
    package func bring(up name: String) async throws {
        try await start(name)
    }

    /// Says what each program does now, in the order of their start.
    package func statuses() async -> [ProgramStatus] {
        var list: [ProgramStatus] = []
        for name in order {
            if let process = members[name]?.process { list.append(await process.status()) }
        }
        return list
    }

    /// The process of a program, once it was started; it may have ended.
    package func identity(of name: String) async -> ProcessIdentity? { await members[name]?.process.identity }

    /// How often a program was started again; 0 for a name that is not supervised.
    package func restarts(of name: String) -> Int { members[name]?.restarts ?? 0 }

    private func start(_ name: String) async throws {
        guard let member = members[name] else { return }
        let begin = ContinuousClock.now
        progress(.starting(name))
        try await member.process.start()
        members[name]?.startedAt = begin
        members[name]?.isHeld = false
        try await member.process.waitUntilReady()
        progress(.ready(name, after: ContinuousClock.now - begin))
    }

    private func look(after name: String) async throws {
        guard let member = members[name], !member.isHeld, let startedAt = member.startedAt else { return }
        let now = ContinuousClock.now
        if let due = member.restartAt {
            guard now >= due else { return }
            members[name]?.restartAt = nil
            members[name]?.restarts += 1
            members[name]?.startedAt = now
            progress(.starting(name))
            do {
                try await member.process.start()
            } catch let error as StackError where error.code == .portInUse {
                // What is left of the process that ended may hold its port for a moment.
                members[name]?.restartAt = now + Self.shortestPause
            }
            return
        }
        if await member.process.isRunning { return }
        let exit = await member.process.waitForExit(within: .zero) ?? .unknown
        guard member.process.specification.restart == .always else {
            members[name]?.isHeld = true
            progress(.ended(name, exit, restartAfter: nil))
            return
        }
        if now - startedAt > Self.stableAfter { members[name]?.restarts = 0 }
        let pause = Self.pause(afterRestarts: members[name]?.restarts ?? 0)
        members[name]?.restartAt = now + pause
        progress(.ended(name, exit, restartAfter: pause))
    }

    /// The pause before a program is started again that was started again this often already.
    static func pause(afterRestarts restarts: Int) -> Duration {
        min(longestPause, shortestPause * (1 << min(restarts, 10)))
    }
}
