import Foundation
import SystemPackage
import Testing

@testable import DevStack

@Suite(.serialized) struct StackLifecycleTests {
    @Test(.timeLimit(.minutes(2)))
    func `a whole stack starts, serves, loses every service, is repaired, and leaves nothing behind`() async throws {
        try await Scratch.withStack(of: Set(ServiceName.allCases)) { stack in
            let endpoints = try await stack.up()
            #expect(endpoints.environment().keys.sorted() == Self.variables)
            #expect(try await stack.endpoints() == endpoints)
            try await Self.expectAllRunning(stack)
            try await Self.expectService(endpoints, of: stack)
            try await Self.expectNothingWithoutKeys(endpoints, of: await stack.state)

            let begin = ContinuousClock.now
            _ = try await stack.up()
            #expect(ContinuousClock.now - begin < .seconds(3))

            let victims = try await stack.status().compactMap(\.pid)
            for name in ServiceName.allCases { try await stack.kill(name) }
            for status in try await stack.status() {
                #expect(status.state == .crashed)
                #expect(status.detail == "killed by signal 9")
            }

            #expect(try await stack.up() == endpoints)
            try await Self.expectAllRunning(stack)
            #expect(Set(try await stack.status().compactMap(\.pid)).isDisjoint(with: victims))

            let processes = try #require(await stack.state).processes.values
            #expect(processes.count == 4)
            let families = processes.flatMap { [$0.identity] + ProcessTable.descendants(of: $0.identity.pid) }
            try await stack.down()
            #expect(families.filter(\.isAlive).isEmpty)
            #expect(try Self.sockets(of: await stack.state).isEmpty)
            #expect(try await stack.status().allSatisfy { $0.state == .stopped })
        }
    }

    /// What the object store has put into the directory for everyone's files.
    private static func sockets(of state: StackState?) throws -> [String] {
        let ports = try #require(state).ports
        return try FileManager.default.contentsOfDirectory(atPath: "/tmp").filter { file in
            file.hasPrefix("seaweedfs-")
                && (ports.first..<ports.first + StackPorts.count).contains { file.hasSuffix("-\($0).sock") }
        }
    }

    /// Objects are for those who have the keys: not even their names go to anybody else on this machine.
    private static func expectNothingWithoutKeys(_ endpoints: Endpoints, of state: StackState?) async throws {
        let ports = try #require(state).ports
        let bucket = try #require(endpoints.s3).bucket
        #expect(await Probe.http(port: ports.s3, path: "/\(bucket)")?.status == 403)
        #expect(await Probe.http(port: ports.filer, path: "/buckets/\(bucket)/")?.status == 404)
        #expect(await Probe.http(port: ports.master, path: "/dir/assign")?.status == 404)
        #expect(await Probe.http(port: ports.volume, path: "/1,01637037d6")?.status == 401)
    }

    private static let variables = [
        "AMQP_URL", "DATABASE_URL", "RABBITMQCTL", "S3_ACCESS_KEY", "S3_BUCKET", "S3_ENDPOINT", "S3_REGION",
        "S3_SECRET_KEY",
    ]

    private static func expectAllRunning(_ stack: Stack) async throws {
        let statuses = try await stack.status()
        #expect(statuses.map(\.name) == [.postgres, .rabbitmq, .s3])
        for status in statuses {
            #expect(status.state == .running)
            #expect(status.version?.first?.isNumber == true)
            #expect(status.pid != nil && status.port != nil && status.since != nil)
        }
    }

    /// Does with each service what the programs will do first, with tools that are not ours.
    private static func expectService(_ endpoints: Endpoints, of stack: Stack) async throws {
        let locator = ToolLocator(tools: stack.configuration.tools)
        let path = ["PATH": "/usr/bin:/bin"]
        let vector = try await Tool.run(
            locator.postgres("psql"),
            [
                "-qAtX", "-d", try #require(endpoints.databaseURL), "-c", "create extension vector", "-c",
                "select '[1,2]'::vector <-> '[1,3]'",
            ], environment: path)
        #expect(vector.output == "1", "\(vector.error)")

        let users = try await Tool.run(
            FilePath(try #require(endpoints.rabbitmqctl)), ["list_users", "--silent"], environment: path)
        #expect(users.output.contains("ainern2d") && !users.output.contains("guest"), "\(users.error)")

        let s3 = try #require(endpoints.s3)
        let listing = try await Tool.run(
            locator.rclone(), ["lsjson", ":s3:"],
            environment: [
                "RCLONE_S3_PROVIDER": "SeaweedFS", "RCLONE_S3_ENDPOINT": s3.endpoint,
                "RCLONE_S3_ACCESS_KEY_ID": s3.accessKey, "RCLONE_S3_SECRET_ACCESS_KEY": s3.secretKey,
                "RCLONE_CONFIG": "/dev/null", "HOME": "/tmp",
            ])
        #expect(listing.output.contains("\"\(s3.bucket)\""), "\(listing.error)")

        let mode = try FileManager.default.attributesOfItem(atPath: stack.stateFile.string)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }
}
