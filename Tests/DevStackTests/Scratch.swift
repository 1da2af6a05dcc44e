import Foundation
import SystemPackage

@testable import DevStack

/// A directory that is gone after the test, and a stack in it that is stopped before.
enum Scratch {
    /// Runs the body with a directory that only this user may enter, as a home directory may be.
    static func withDirectory<Value>(_ body: (FilePath) async throws -> Value) async throws -> Value {
        let files = FileManager.default
        let path = FilePath(files.temporaryDirectory.path).appending("devstack-\(UUID().uuidString.prefix(8))")
        try files.createDirectory(
            atPath: path.string, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? files.removeItem(atPath: path.string) }
        return try await body(path)
    }

    /// Runs the body with a stack that was not started yet, and stops it whatever happens.
    static func withStack<Value: Sendable>(
        of services: Set<ServiceName>, external: ExternalServices = ExternalServices(),
        _ body: (Stack) async throws -> Value
    ) async throws -> Value {
        try await withDirectory { directory in
            let stack = Stack(
                StackConfiguration(root: directory.appending("stack"), services: services, external: external))
            do {
                let value = try await body(stack)
                try await stack.down()
                return value
            } catch {
                try? await stack.down()
                throw error
            }
        }
    }

    /// Runs the body with a process that does nothing and ends afterwards.
    static func withIdleProcess<Value>(_ body: (ProcessIdentity) async throws -> Value) async throws -> Value {
        try await withDirectory { directory in
            let program = ProgramProcess(
                ProgramSpecification(name: "idle", executable: "/bin/sleep", arguments: ["300"]), in: directory)
            try await program.start()
            guard let identity = await program.identity else { throw CancellationError() }
            do {
                let value = try await body(identity)
                await program.terminate()
                return value
            } catch {
                await program.terminate()
                throw error
            }
        }
    }

    /// Asks again until the answer is yes or the limit passes.
    static func eventually(within limit: Duration = .seconds(10), _ condition: () async -> Bool) async -> Bool {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if await condition() { return true }
            await Pause.uncancellable(for: .milliseconds(20))
        }
        return await condition()
    }
}

/// Remembers what was reported, from any task.
actor Journal<Entry: Sendable> {
    private(set) var entries: [Entry] = []

    func add(_ entry: Entry) { entries.append(entry) }
}
