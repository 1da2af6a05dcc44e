import DevStack
import Foundation
import StudioClient
import StudioCore
import SystemPackage
import Testing

extension PipelineSuite {
    @Suite struct RefusalTests {
        @Test func `wrong keys are refused in clear words, and what cannot be reached is named`() async throws {
            try await Pipeline.with([]) { pipeline in
                let programs = pipeline.programs
                try await Self.checkWrongKey(programs)
                try await Self.checkWrongToken(programs)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for (missing, changes) in try Self.unreachable() {
                        group.addTask { try await Self.check(programs, lacks: missing, changes) }
                    }
                    try await group.waitForAll()
                }
            }
        }

        private static func checkWrongKey(_ programs: PipelinePrograms) async throws {
            let stranger = Pipeline.client(of: programs, key: "wrong")
            let error = await #expect(throws: StudioClientError.self) { try await stranger.runs() }
            #expect(error?.code == .unauthorized)
            #expect(error?.problem?.status == 401)
        }

        /// A worker that the hub does not know says which setting is wrong, and asks more and more rarely.
        private static func checkWrongToken(_ programs: PipelinePrograms) async throws {
            let port = try PipelinePorts.free()
            let worker = PipelineWorker(name: "stranger", kinds: [.noop], environment: ["WORKER_TOKEN": "wrong"])
            try await running(try programs.workerRuntime(worker, port: port), in: programs.directory) { process in
                @Sendable func complaints() -> Int {
                    let log = (try? String(contentsOfFile: process.log.string, encoding: .utf8)) ?? ""
                    return log.split(separator: "\n").count { $0.contains("WORKER_TOKEN") }
                }
                try await eventually("the worker names what is wrong") { complaints() > 0 }
                try await Task.sleep(for: .seconds(3))
                #expect(complaints() < 20)
                #expect(await process.isRunning)
                let (status, missing) = try await PipelineHTTP.readiness(port: port)
                #expect(status == 503)
                #expect(missing == ["hub"])
            }
        }

        /// Addresses of this machine on which nobody listens.
        private static func unreachable() throws -> [(missing: String, changes: [String: String])] {
            let port = try PipelinePorts.free()
            return [
                ("broker", ["AMQP_URL": "amqp://nobody:nothing@127.0.0.1:\(port)/%2F"]),
                ("database", ["DATABASE_URL": "postgresql://nobody:nothing@127.0.0.1:\(port)/none"]),
                ("object_store", ["S3_ENDPOINT": "http://127.0.0.1:\(port)"]),
            ]
        }

        /// The API starts without this service, says that it is not ready and why, and tells no secret.
        private static func check(
            _ programs: PipelinePrograms, lacks missing: String, _ changes: [String: String]
        ) async throws {
            let port = try PipelinePorts.free()
            let specification = programs.studioAPI("api-without-\(missing)", port: port, changes: changes)
            try await running(specification, in: programs.directory) { process in
                try await eventually("\(missing) alone is missing") {
                    let (status, names) = try await PipelineHTTP.readiness(port: port)
                    return status == 503 && names == [missing]
                }
                let begin = ContinuousClock.now
                _ = try await PipelineHTTP.readiness(port: port)
                #expect(ContinuousClock.now - begin < .seconds(5), "no load balancer waits longer")
                #expect(try await PipelineHTTP.get("/healthz", port: port).status == 200)
                #expect(await process.isRunning)
                let log = try String(contentsOfFile: process.log.string, encoding: .utf8)
                #expect(!log.contains("nothing"), "the log holds a password")
            }
        }

        private static func running(
            _ specification: ProgramSpecification, in directory: FilePath,
            _ body: (ProgramProcess) async throws -> Void
        ) async throws {
            let process = ProgramProcess(specification, in: directory)
            try await process.start()
            let result: Result<Void, any Error>
            do { result = .success(try await body(process)) } catch { result = .failure(error) }
            // Without its services it would wait for them a while.
            await process.kill()
            await process.terminate()
            try result.get()
        }
    }
}
