import DevStack
import Foundation
import StudioCore
import SystemPackage
import Testing

extension PipelineSuite {
    /// Programs that cannot start end at once, with an exit code and a last line that says what to change.
    ///
    /// No service runs: none is needed to find that out.
    @Suite struct StartTests {
        private static let usageFault: Int32 = 2

        @Test func `a port that is taken ends the program with its variable, others in good order`() async throws {
            try await Self.withPrograms { programs in
                try await PipelinePorts.withTaken { port in
                    let taken = "127.0.0.1:\(port)"
                    let line = "\(taken) is in use by another program; stop it or choose another port"
                    try await Self.expect(
                        programs.studioAPI(changes: ["HTTP_PORT": "\(port)"]), in: programs, ends: 1,
                        saying: "studio-api: HTTP_PORT: \(line)")
                    try await Self.expect(
                        programs.workerHub(changes: ["HEALTH_LISTEN": taken]), in: programs, ends: 1,
                        saying: "worker-hub: HEALTH_LISTEN: \(line)")
                    try await Self.expect(
                        programs.workerHub(changes: ["HUB_LISTEN": taken]), in: programs, ends: 1,
                        saying: "worker-hub: HUB_LISTEN: \(line)")
                    let worker = PipelineWorker(name: "w", kinds: [.noop], environment: ["HEALTH_LISTEN": taken])
                    try await Self.expect(
                        programs.workerRuntime(worker), in: programs, ends: 1,
                        saying: "worker-runtime: HEALTH_LISTEN: \(line)")
                    try await Self.expect(
                        programs.filmComposer(changes: ["HEALTH_LISTEN": taken]), in: programs, ends: 1,
                        saying: "composer: HEALTH_LISTEN: \(line)")
                }
            }
        }

        @Test func `an address that is none of this machine is named`() async throws {
            try await Self.withPrograms { programs in
                // Of a network that is for documentation only.
                try await Self.expect(
                    programs.workerHub(changes: ["HUB_LISTEN": "192.0.2.1:1"]), in: programs, ends: 1,
                    saying: "worker-hub: HUB_LISTEN: 192.0.2.1:1 is no address of this machine; "
                        + "choose one, such as 127.0.0.1")
                try await Self.expect(
                    programs.studioAPI(changes: ["HTTP_HOST": "no.such.name.invalid"]), in: programs,
                    ends: Self.usageFault,
                    saying: "studio-api: HTTP_HOST: \"no.such.name.invalid\" is no address, "
                        + "and no name that can be resolved")
            }
        }

        @Test func `short secrets are refused, all at once, and not repeated`() async throws {
            try await Self.withPrograms { programs in
                let cure =
                    "must have at least 16 printable characters without spaces: make one with `openssl rand -hex 32`"
                let short = [
                    "API_KEY": "fifteen-letters", "WORKER_TOKEN": "fifteen-letters", "HUB_SECRET": "short one",
                ]
                let api = try await Self.expect(
                    programs.studioAPI(changes: short), in: programs, ends: Self.usageFault,
                    saying: "studio-api: API_KEY: \(cure)")
                let hub = try await Self.expect(
                    programs.workerHub(changes: short), in: programs, ends: Self.usageFault,
                    saying: "worker-hub: HUB_SECRET: \(cure)")
                #expect(hub.contains("worker-hub: WORKER_TOKEN: \(cure)\n"))
                let composer = try await Self.expect(
                    programs.filmComposer(changes: short), in: programs, ends: Self.usageFault,
                    saying: "composer: WORKER_TOKEN: \(cure)")
                for log in [api, hub, composer] {
                    #expect(!log.contains("fifteen-letters") && !log.contains("short one"))
                }
            }
        }

        @Test func `a work directory that cannot be one is named, with what is wrong`() async throws {
            try await Self.withPrograms { programs in
                let file = programs.directory.appending("file").string
                #expect(FileManager.default.createFile(atPath: file, contents: nil))
                let worker = PipelineWorker(name: "w", kinds: [.noop], environment: ["WORKER_DIRECTORY": file])
                try await Self.expect(
                    programs.workerRuntime(worker), in: programs, ends: Self.usageFault,
                    saying: "worker-runtime: WORKER_DIRECTORY: \(file)/w cannot be used (Not a directory): "
                        + "name a directory that this user may write to")
            }
        }

        @Test func `a certificate that is none ends the hub without a dump`() async throws {
            try await Self.withPrograms { programs in
                let file = programs.directory.appending("file.pem").string
                #expect(FileManager.default.createFile(atPath: file, contents: Data("no certificate".utf8)))
                let changes = ["HUB_TLS_ENABLED": "true", "HUB_TLS_CERTIFICATE": file, "HUB_TLS_KEY": file]
                let log = try await Self.expect(
                    programs.workerHub(changes: changes), in: programs, ends: Self.usageFault,
                    saying: "worker-hub: HUB_TLS_CERTIFICATE: it, or the key in HUB_TLS_KEY, ")
                #expect(!log.contains("Fatal error"))
            }
        }

        /// Programs whose services are ports of this machine on which nobody listens.
        private static func withPrograms(_ body: (PipelinePrograms) async throws -> Void) async throws {
            let directory = FilePath(FileManager.default.temporaryDirectory.path)
                .appending("start-\(UUID().uuidString)")
            try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: directory.string) }
            let port = try PipelinePorts.free()
            let s3 = ObjectStoreEndpoint(
                endpoint: "http://127.0.0.1:\(port)", bucket: "none", accessKey: "nobody", secretKey: "nothing",
                region: "us-east-1")
            try await body(
                PipelinePrograms(
                    directory: directory, database: "postgresql://nobody:nothing@127.0.0.1:\(port)/none",
                    broker: "amqp://nobody:nothing@127.0.0.1:\(port)/%2F", s3: s3))
        }

        /// Starts a program and waits for its end.
        ///
        /// - Parameter line: what its last line begins with.
        /// - Returns: everything that it wrote.
        @discardableResult
        private static func expect(
            _ specification: ProgramSpecification, in programs: PipelinePrograms, ends code: Int32, saying line: String,
            sourceLocation: SourceLocation = #_sourceLocation
        ) async throws -> String {
            var specification = specification
            // The taken one would be found out before the program is started.
            specification.readinessPort = nil
            let process = ProgramProcess(specification, in: programs.directory)
            try await process.start()
            let status = await process.waitForExit(within: .seconds(30))
            await process.terminate()
            let log = try String(contentsOfFile: process.log.string, encoding: .utf8)
            try FileManager.default.removeItem(atPath: process.log.string)
            #expect(status == .exited(code: code), "\(log)", sourceLocation: sourceLocation)
            let last = log.split(separator: "\n").last ?? ""
            #expect(last.hasPrefix(line), "\(log)", sourceLocation: sourceLocation)
            #expect(!log.contains("nothing"), "the log holds a password", sourceLocation: sourceLocation)
            return log
        }
    }
}
