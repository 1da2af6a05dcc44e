import DevStack
import Foundation
import StudioCore
import SystemPackage
import Testing

extension PipelineSuite {
    @Suite struct OutageTests {
        @Test func `a broker that is killed and comes back loses nothing`() async throws {
            try await Self.withOwn(.rabbitmq) { stack, services in
                try await Self.survives(.rabbitmq, stack, services)
            }
        }

        @Test func `a database that is killed and comes back loses nothing`() async throws {
            try await Self.withOwn(.postgres) { stack, services in
                try await Self.survives(.postgres, stack, services)
            }
        }

        private static func survives(
            _ service: ServiceName, _ stack: Stack, _ services: PipelineServices
        ) async throws {
            let workers = ["noop-a", "noop-b"].map { PipelineWorker(name: $0, kinds: [.noop]) }
            try await Pipeline.with(workers, on: services) { pipeline in
                let run = try await pipeline.submitNoop(30, sleepMilliseconds: 300, attemptsMax: 10)
                try await eventually("some tasks are done and some are not") {
                    try await pipeline.attempts("succeeded") >= 4
                }
                try await stack.kill(service)
                try await stack.start(service)
                let record = try await pipeline.succeeded(run, within: .seconds(90))
                #expect(record.tasks[.succeeded] == 30)
                #expect(try await pipeline.attempts("succeeded") == 30)
                let after = try await pipeline.submitNoop(4)
                try await pipeline.succeeded(after)
            }
        }

        /// Runs the body with a service that may be killed, in the place of the shared one.
        private static func withOwn(
            _ service: ServiceName, _ body: @escaping @Sendable (Stack, PipelineServices) async throws -> Void
        ) async throws {
            let root = FilePath(FileManager.default.temporaryDirectory.path)
                .appending("pipeline-stack-\(UUID().uuidString.prefix(8))")
            defer { try? FileManager.default.removeItem(atPath: root.string) }
            let stack = Stack(StackConfiguration(root: root, services: [service], external: ExternalServices()))
            let result: Result<Void, any Error>
            do {
                let endpoints = try await stack.up()
                var services = try PipelineServices.shared()
                if let url = endpoints.databaseURL { services.databaseURL = url }
                if let url = endpoints.amqpURL {
                    services.amqpURL = url
                    services.rabbitmqctl = nil
                }
                result = .success(try await body(stack, services))
            } catch {
                result = .failure(error)
            }
            try? await stack.down()
            try result.get()
        }
    }
}
