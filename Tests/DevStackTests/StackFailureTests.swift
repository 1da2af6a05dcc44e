import Foundation
import SystemPackage
import Testing

@testable import DevStack

@Suite struct StackFailureTests {
    @Test(.timeLimit(.minutes(1)))
    func `a port in use is named together with the process that holds it`() async throws {
        try await Scratch.withStack(of: [.s3]) { stack in
            _ = try await stack.up()
            let first = try #require(await stack.state).ports.first
            let holder = try #require(try await stack.status().first?.pid)
            try await Scratch.withDirectory { directory in
                let other = Stack(
                    StackConfiguration(root: directory, ports: .block(startingAt: first), services: [.s3]))
                let error = await #expect(throws: StackError.self) { try await other.up() }
                #expect(error?.code == .portInUse)
                #expect(error?.detail.contains("\(first + 4)") == true)
                #expect(error?.detail.contains("pid \(holder)") == true, "\(error?.detail ?? "")")
            }
        }
    }

    @Test func `two automatic stacks do not choose the same ports`() async throws {
        try await Scratch.withStack(of: []) { one in
            try await Scratch.withStack(of: []) { other in
                _ = try await one.up()
                _ = try await other.up()
                let ports = [await one.state?.ports, await other.state?.ports]
                #expect(ports[0] != ports[1])
            }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a pid that came to belong to another process is not signalled`() async throws {
        try await Scratch.withIdleProcess { bystander in
            try await Scratch.withStack(of: [.s3]) { stack in
                _ = try await stack.up()
                try await stack.kill(.s3)
                try await stack.adopt(ProcessIdentity(pid: bystander.pid, birth: "an earlier life"), as: .s3)
                #expect(try await stack.status().first?.state == .crashed)
                await #expect(throws: StackError.self) { try await stack.kill(.s3) }
                try await stack.down()
                #expect(bystander.isAlive)
            }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `postgres starts after a crash although its lock file names a living process`() async throws {
        try await Scratch.withIdleProcess { bystander in
            try await Scratch.withStack(of: [.postgres]) { stack in
                _ = try await stack.up()
                try await stack.kill(.postgres)
                let lock = stack.configuration.root.appending("postgres/data/postmaster.pid").string
                let text = try String(contentsOfFile: lock, encoding: .utf8)
                let rest = text.split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
                try Data(("\(bystander.pid)\n" + rest.joined(separator: "\n")).utf8)
                    .write(to: URL(filePath: lock))
                _ = try await stack.up()
                #expect(try await stack.status().map(\.state) == [.running])
                #expect(bystander.isAlive)
            }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `two callers at the same time start each service once`() async throws {
        try await Scratch.withStack(of: [.s3]) { stack in
            let other = Stack(stack.configuration)
            let journal = Journal<StackEvent>()
            let events = AsyncStream.makeStream(of: StackEvent.self)
            async let first = stack.up { events.continuation.yield($0) }
            async let second = other.up { events.continuation.yield($0) }
            let endpoints = try await [first, second]
            #expect(endpoints[0] == endpoints[1])
            events.continuation.finish()
            for await event in events.stream { await journal.add(event) }
            let entries = await journal.entries
            #expect(entries.count { if case .ready = $0 { true } else { false } } == 1)
            #expect(entries.contains(.alreadyRunning(.s3)))
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a service that hangs is told apart from one that runs and from one that died`() async throws {
        try await Scratch.withStack(of: [.s3]) { stack in
            _ = try await stack.up()
            try await stack.kill(.s3, signal: SIGSTOP)
            #expect(try await stack.status().map(\.state) == [.unresponsive])
            try await stack.kill(.s3, signal: SIGCONT)
            #expect(await Scratch.eventually { (try? await stack.status().map(\.state)) == [.running] })
        }
    }

    @Test func `a missing tool is named together with its cure`() async throws {
        try await Scratch.withDirectory { directory in
            let stack = Stack(
                StackConfiguration(root: directory, tools: directory.appending("nothing"), services: [.postgres]))
            let error = await #expect(throws: StackError.self) { try await stack.up() }
            #expect(error?.code == .toolMissing)
            #expect(error?.cure.contains("make setup") == true)
        }
    }
}

extension Stack {
    /// Puts a process into the state file that the stack did not start.
    func adopt(_ identity: ProcessIdentity, as name: ServiceName) throws {
        state?.processes[name.rawValue]?.identity = identity
        try save()
    }
}
