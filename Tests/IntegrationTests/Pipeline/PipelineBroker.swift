import AMQP
import DevStack
import Foundation
import Logging
import StudioProto
import Subprocess
import SystemPackage
import Testing

/// The broker of a pipeline as an operator and as a stranger see it.
struct PipelineBroker: Sendable {
    let url: String
    /// nil when the broker is the test's own: there is nothing to make or to remove then.
    let rabbitmqctl: String?
    let vhost: String

    /// Makes a vhost for one pipeline.
    static func make(on services: PipelineServices, name: String) async throws -> PipelineBroker {
        guard let rabbitmqctl = services.rabbitmqctl else {
            return PipelineBroker(url: services.amqpURL, rabbitmqctl: nil, vhost: "/")
        }
        let broker = PipelineBroker(
            url: try PipelineServices.url(services.amqpURL, path: name), rabbitmqctl: rabbitmqctl, vhost: name)
        let user = try #require(URLComponents(string: services.amqpURL)?.user)
        try await broker.control("add_vhost", name)
        try await broker.control("set_permissions", "-p", name, user, ".*", ".*", ".*")
        return broker
    }

    /// Removes the vhost with all that is in it.
    func remove() async throws {
        if rabbitmqctl != nil { try await control("delete_vhost", vhost) }
    }

    /// Throws away every message of a queue.
    func purge(_ queue: String) async throws {
        try await control("purge_queue", "-p", vhost, queue)
    }

    /// Removes a queue.
    func delete(_ queue: String) async throws {
        try await control("delete_queue", "-p", vhost, queue)
    }

    private func control(_ arguments: String...) async throws {
        let command = try #require(rabbitmqctl, "this broker is not shared")
        // The variable holds a program with or without arguments, so a shell takes it apart.
        let result = try await run(
            .path("/bin/sh"), arguments: Arguments(["-c", "\(command) \"$@\"", "rabbitmqctl"] + arguments),
            output: .string(limit: 1 << 16), error: .string(limit: 1 << 16))
        guard result.terminationStatus.isSuccess else {
            throw PipelineFailure("rabbitmqctl \(arguments) failed: \(result.standardError)")
        }
    }

    /// Gives the body a publisher of its own, without a topology.
    func withPublisher(_ body: (AMQPPublisher) async throws -> Void) async throws {
        let publisher = AMQPPublisher(
            configuration: try AMQPConfiguration(url: url, connectionName: "pipeline-test"),
            logger: Logger(label: "pipeline") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await publisher.run() }
            defer { group.cancelAll() }
            try await eventually("the test is connected to the broker") { publisher.isConnected }
            try await body(publisher)
        }
    }

    /// The number of messages that wait in a queue; nil when there is no such queue.
    func depth(of queue: String) async throws -> Int? {
        let publisher = AMQPPublisher(
            configuration: try AMQPConfiguration(url: url, connectionName: "pipeline-test"),
            logger: Logger(label: "pipeline") { _ in SwiftLogNoOpLogHandler() })
        return try await publisher.messageCounts(queues: [queue])[queue]
    }
}

/// Waits, for a limited time, for something that others bring about; errors of the condition count as not yet.
func eventually(
    _ what: String, within limit: Duration = .seconds(20), every pause: Duration = .milliseconds(20),
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    var problem = ""
    while ContinuousClock.now < deadline {
        do {
            if try await condition() { return }
        } catch let error as CancellationError {
            throw error
        } catch {
            problem = ": \(error)"
        }
        try await Task.sleep(for: pause)
    }
    throw PipelineFailure("within \(limit) it did not come to this: \(what)\(problem)")
}
