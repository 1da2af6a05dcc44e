import DevStack
import Foundation
import SystemPackage

/// Our programs as a local stack runs them.
struct DevPrograms {
    private static let readinessSeconds = 60.0
    private static let workerGraceSeconds = 30.0
    private static let serverGraceSeconds = 26.0

    let secrets: DevSecrets
    let endpoints: Endpoints
    let directory: DevDirectory

    /// API, hub, composer and a mock worker of each kind.
    func all() throws -> [ProgramSpecification] {
        try controlPlane() + [composer()] + [
            worker("video", kinds: "video"), worker("audio", kinds: "audio"), worker("lipsync", kinds: "lipsync"),
            worker("llm", kinds: "llm,noop"),
        ]
    }

    /// What is needed for tasks to be accepted and handed out.
    func controlPlane() throws -> [ProgramSpecification] {
        let httpPort = secrets.url.split(separator: ":").last.flatMap { Int($0) } ?? 8080
        let health = try Ports.free(preferring: 8082)
        return [
            ProgramSpecification(
                name: "studio-api", executable: "studio-api",
                environment: environment(["HTTP_HOST": "127.0.0.1", "HTTP_PORT": "\(httpPort)"]),
                readinessPort: httpPort, readinessSeconds: Self.readinessSeconds,
                graceSeconds: Self.serverGraceSeconds),
            ProgramSpecification(
                name: "worker-hub", executable: "worker-hub",
                environment: environment([
                    "HUB_LISTEN": secrets.hubAddress, "HEALTH_LISTEN": "127.0.0.1:\(health)",
                ]),
                readinessPort: health, readinessSeconds: Self.readinessSeconds, graceSeconds: Self.serverGraceSeconds),
        ]
    }

    func composer() throws -> ProgramSpecification {
        try served("composer", executable: "composer", arguments: [])
    }

    func worker(_ name: String, kinds: String, slots: Int = 1) throws -> ProgramSpecification {
        try served(
            "worker-\(name)", executable: "worker-runtime",
            arguments: ["--mock", "--kinds", kinds, "--slots", "\(slots)"])
    }

    private func served(_ name: String, executable: String, arguments: [String]) throws -> ProgramSpecification {
        let health = try Ports.free()
        return ProgramSpecification(
            name: name, executable: executable, arguments: arguments,
            environment: environment([
                "HEALTH_LISTEN": "127.0.0.1:\(health)", "WORKER_NAME": name,
                "WORKER_DIRECTORY": directory.workers.string,
            ]),
            readinessPort: health, readinessSeconds: Self.readinessSeconds, graceSeconds: Self.workerGraceSeconds)
    }

    private func environment(_ own: [String: String]) -> [String: String] {
        endpoints.environment().merging(secrets.environment) { $1 }.merging(own) { $1 }
    }
}
