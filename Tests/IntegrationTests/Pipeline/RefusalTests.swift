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
                    for lack in try Self.unreachable() {
                        group.addTask { try await Self.checkAPI(programs, lacks: lack) }
                        group.addTask { try await Self.checkHub(programs, lacks: lack) }
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
            let worker = PipelineWorker(
                name: "stranger", kinds: [.noop], environment: ["WORKER_TOKEN": "a-wrong-token-0123"])
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

        private struct Lack {
            /// As `/readyz` names it.
            let part: String
            /// The variable that its cure names.
            let variable: String
            let changes: [String: String]
        }

        /// Addresses of this machine on which nobody listens.
        private static func unreachable() throws -> [Lack] {
            let port = try PipelinePorts.free()
            return [
                Lack(
                    part: "broker", variable: "AMQP_URL",
                    changes: ["AMQP_URL": "amqp://nobody:nothing@127.0.0.1:\(port)/%2F"]),
                Lack(
                    part: "database", variable: "DATABASE_URL",
                    changes: ["DATABASE_URL": "postgresql://nobody:nothing@127.0.0.1:\(port)/none"]),
                Lack(
                    part: "object_store", variable: "S3_ENDPOINT",
                    changes: ["S3_ENDPOINT": "http://127.0.0.1:\(port)"]),
            ]
        }

        private static func checkAPI(_ programs: PipelinePrograms, lacks lack: Lack) async throws {
            let port = try PipelinePorts.free()
            let specification = programs.studioAPI("api-without-\(lack.part)", port: port, changes: lack.changes)
            try await check(specification, port: port, lacks: lack, in: programs.directory) {
                guard lack.part == "database" else { return }
                let begin = ContinuousClock.now
                let (status, body) = try await PipelineHTTP.get("/v1/runs", port: port, key: programs.apiKey)
                #expect(ContinuousClock.now - begin < .seconds(8), "nobody waits longer to hear to try again")
                #expect(status == 503)
                #expect(body.contains(#""code":"unavailable""#) && body.contains("retry_after"), "\(body)")
            }
        }

        private static func checkHub(_ programs: PipelinePrograms, lacks lack: Lack) async throws {
            let port = try PipelinePorts.free()
            let specification = programs.workerHub("hub-without-\(lack.part)", port: port, changes: lack.changes)
            try await check(specification, port: port, lacks: lack, in: programs.directory)
        }

        /// The program starts without this service, says that it is not ready and why, tells no secret, and ends as
        /// soon as it is told to.
        private static func check(
            _ specification: ProgramSpecification, port: Int, lacks lack: Lack, in directory: FilePath,
            _ more: @escaping @Sendable () async throws -> Void = {}
        ) async throws {
            try await running(specification, in: directory) { process in
                @Sendable func log() throws -> String {
                    try String(contentsOfFile: process.log.string, encoding: .utf8)
                }
                try await eventually("\(lack.part) alone is missing") {
                    let (status, names) = try await PipelineHTTP.readiness(port: port)
                    return status == 503 && names == [lack.part]
                }
                let begin = ContinuousClock.now
                #expect(try await PipelineHTTP.get("/readyz", port: port).body.contains(lack.variable))
                #expect(ContinuousClock.now - begin < .seconds(5), "no load balancer waits longer")
                #expect(try await PipelineHTTP.get("/healthz", port: port).status == 200)
                try await more()
                try await eventually("the log says it") {
                    try log().contains("Not ready error=") && log().contains("part=\(lack.part)")
                }
                #expect(try log().split(separator: "\n").count { $0.contains("Not ready") } == 1)
                #expect(await process.isRunning)
                let end = ContinuousClock.now
                #expect(await process.terminate().isSuccess)
                #expect(ContinuousClock.now - end < .seconds(9), "nothing was under way")
                #expect(try !log().contains("nothing"), "the log holds a password")
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
            await process.terminate()
            try result.get()
        }
    }
}
