import Foundation
import SystemPackage
import Testing

@testable import DevStack

@Suite struct SupervisorTests {
    private static func sleeper(_ name: String, restart: ProgramSpecification.RestartPolicy = .always)
        -> ProgramSpecification
    {
        ProgramSpecification(
            name: name, executable: "/bin/sleep", arguments: ["300"], graceSeconds: 5, restart: restart)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a program that is killed is started again, and all stop in reverse order`() async throws {
        try await Scratch.withDirectory { directory in
            let events = AsyncStream.makeStream(of: ProgramEvent.self)
            let pids = try await supervise(
                programs: [Self.sleeper("one"), Self.sleeper("two")], in: directory,
                progress: { events.continuation.yield($0) }
            ) { supervisor in
                let before = await supervisor.statuses().compactMap(\.pid)
                #expect(before.count == 2)
                #expect(await supervisor.kill("two"))
                let isBack = await Scratch.eventually {
                    let status = await supervisor.statuses()[1]
                    return status.state == .ready && status.pid != before[1]
                }
                #expect(isBack)
                #expect(await supervisor.restarts(of: "two") == 1)
                #expect(await supervisor.restarts(of: "one") == 0)
                return before + (await supervisor.statuses().compactMap(\.pid))
            }
            #expect(Set(pids).count == 3)
            #expect(pids.allSatisfy { ProcessIdentity(pid: $0) == nil })
            events.continuation.finish()
            var seen: [ProgramEvent] = []
            for await event in events.stream { seen.append(event) }
            #expect(seen.contains(.ended("two", .signalled(9), restartAfter: Supervisor.shortestPause)))
            #expect(
                seen.suffix(4) == [
                    .stopping("two"), .stopped("two", .signalled(15)), .stopping("one"),
                    .stopped("one", .signalled(15)),
                ])
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `what runs is stopped when the task is cancelled`() async throws {
        try await Scratch.withDirectory { directory in
            let started = AsyncStream.makeStream(of: Int32.self)
            let pid = try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await supervise(programs: [Self.sleeper("one")], in: directory) { supervisor in
                        started.continuation.yield(await supervisor.statuses().first?.pid ?? 0)
                        try await Task.sleep(for: .seconds(300))
                    }
                }
                let pid = await started.stream.first { _ in true }
                group.cancelAll()
                await #expect(throws: CancellationError.self) { try await group.waitForAll() }
                return try #require(pid)
            }
            #expect(pid > 0 && ProcessIdentity(pid: pid) == nil)
        }
    }

    @Test func `a program that may not restart stays down, and its exit is known`() async throws {
        try await Scratch.withDirectory { directory in
            let gate = directory.appending("gate").string
            let program = ProgramSpecification(
                name: "brief", executable: "/bin/sh",
                arguments: ["-c", "until [ -e \"$0\" ]; do sleep 0.02; done; exit 7", gate], restart: .never)
            try await supervise(programs: [program], in: directory) { supervisor in
                #expect(FileManager.default.createFile(atPath: gate, contents: nil))
                let isDown = await Scratch.eventually { await supervisor.statuses()[0].exit == .exited(code: 7) }
                #expect(isDown)
                #expect(await supervisor.restarts(of: "brief") == 0)
            }
        }
    }

    @Test func `a program that is not ready in time is stopped, and its log is in the error`() async throws {
        try await Scratch.withDirectory { directory in
            let program = ProgramSpecification(
                name: "mute", executable: "/bin/sh", arguments: ["-c", "echo waiting for $WHAT; exec sleep 300"],
                environment: ["WHAT": "nothing"], readinessPort: 1, readinessSeconds: 0.5)
            let error = await #expect(throws: StackError.self) {
                try await supervise(programs: [program], in: directory) { _ in }
            }
            #expect(error?.detail.contains("waiting for nothing") == true)
            let status = await ProgramProcess.status(of: program, in: directory)
            #expect(status.state == .stopped)
        }
    }

    @Test func `a program that ignores the order to stop is killed with its children`() async throws {
        try await Scratch.withDirectory { directory in
            let process = ProgramProcess(
                ProgramSpecification(
                    name: "stubborn", executable: "/bin/sh",
                    arguments: ["-c", "trap '' TERM; sleep 301 & echo up; while :; do sleep 1; done"],
                    graceSeconds: 0.3), in: directory)
            try await process.start()
            let identity = try #require(await process.identity)
            let hasTrap = await Scratch.eventually {
                FileManager.default.contents(atPath: process.log.string)?.isEmpty == false
            }
            #expect(hasTrap)
            let children = ProcessTable.descendants(of: identity.pid)
            #expect(!children.isEmpty)
            #expect(await process.terminate() == .signalled(9))
            #expect(!identity.isAlive && children.allSatisfy { !$0.isAlive })
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `readiness is the program's own answer, and a new owner stops what the old one left`() async throws {
        try await Scratch.withDirectory { directory in
            let port = try StackPorts.free(for: directory.string).first
            let server = ProgramSpecification(
                name: "server", executable: "/usr/bin/env",
                arguments: ["python3", "-m", "http.server", "\(port)", "--bind", "127.0.0.1"],
                readinessPort: port, readinessPath: "/", graceSeconds: 5)
            let first = ProgramProcess(server, in: directory)
            try await first.start()
            try await first.waitUntilReady()
            let left = try #require(await first.identity)
            #expect(await ProgramProcess.status(of: server, in: directory).state == .ready)

            let second = ProgramProcess(server, in: directory)
            try await second.start()
            #expect(!left.isAlive)
            try await second.waitUntilReady()
            await second.terminate()
        }
    }

    @Test func `pauses between restarts grow to a limit`() {
        #expect(Supervisor.pause(afterRestarts: 0) == Supervisor.shortestPause)
        #expect(Supervisor.pause(afterRestarts: 2) == Supervisor.shortestPause * 4)
        #expect(Supervisor.pause(afterRestarts: 60) == Supervisor.longestPause)
    }

    @Test func `a detached supervisor is replaced and stopped with everything it left`() async throws {
        try await Scratch.withDirectory { directory in
            let detached = DetachedSupervisor(directory: directory)
            // Stands for a supervisor that was killed: it has started nothing, and never will.
            await #expect(throws: StackError.self) {
                try await detached.launch(
                    "/bin/sh", arguments: ["-c", "echo broken; exit 1"], programs: [Self.sleeper("one")])
            }
            let orphan = ProgramProcess(Self.sleeper("one"), in: directory)
            try await orphan.start()
            let identity = try #require(await orphan.identity)
            #expect(await detached.statuses().map(\.state) == [.ready])
            await detached.stop()
            #expect(!identity.isAlive)
            #expect(detached.identity == nil)
        }
    }

    @Test func `who is cancelled starts nothing`() async throws {
        try await Scratch.withDirectory { directory in
            await withThrowingTaskGroup(of: Void.self) { group in
                group.cancelAll()
                group.addTask { try await supervise(programs: [Self.sleeper("one")], in: directory) { _ in } }
                await #expect(throws: CancellationError.self) { try await group.waitForAll() }
            }
            let files = try FileManager.default.contentsOfDirectory(atPath: directory.string)
            #expect(!files.contains("one.json") && !files.contains("one.log"))
        }
    }

    @Test func `programs of an owner that was killed are stopped although no list names them`() async throws {
        try await Scratch.withDirectory { directory in
            let orphan = ProgramProcess(Self.sleeper("unlisted"), in: directory)
            try await orphan.start()
            let identity = try #require(await orphan.identity)
            #expect(await DetachedSupervisor(directory: directory).stop().isEmpty)
            #expect(!identity.isAlive)
        }
    }

    @Test func `one owner at a time, and who waits for another may give up`() async throws {
        try await Scratch.withDirectory { directory in
            let detached = DetachedSupervisor(directory: directory)
            let waits = AsyncStream.makeStream(of: String.self)
            try await detached.exclusively {
                await withTaskGroup { group in
                    group.addTask {
                        await #expect(throws: CancellationError.self) {
                            try await detached.exclusively(onWait: { waits.continuation.yield($0) }) {
                                Issue.record("two owners at once")
                            }
                        }
                    }
                    #expect(await waits.stream.first { _ in true } == "\(ProcessInfo.processInfo.processIdentifier)")
                    group.cancelAll()
                }
            }
            #expect(try await detached.exclusively { true })
        }
    }
}
