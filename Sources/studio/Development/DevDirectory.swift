import ArgumentParser
import DevStack
import Foundation
import StudioClient
import StudioCore
import SystemPackage

/// Which local stack a command means.
struct DevOptions: ParsableArguments {
    @Option(help: "The directory of the local stack.")
    var dir = ".dev/stack"
}

/// What a local stack's programs know of each other; kept beside the services' own state.
struct DevSecrets: Codable, Sendable {
    var url: String
    var apiKey: String
    var workerToken: String
    var hubSecret: String
    var hubAddress: String

    private enum CodingKeys: String, CodingKey {
        case url
        case apiKey = "api_key"
        case workerToken = "worker_token"
        case hubSecret = "hub_secret"
        case hubAddress = "hub_address"
    }

    /// The variables by which programs and other tools find the stack.
    var environment: [String: String] {
        [
            "STUDIO_URL": url, "API_KEY": apiKey, "WORKER_TOKEN": workerToken, "HUB_SECRET": hubSecret,
            "HUB_ADDRESS": hubAddress,
        ]
    }
}

/// The files of a local stack.
struct DevDirectory: Sendable {
    private static let secretBytes = 32

    let path: FilePath

    init(_ text: String) {
        path = FilePath(FileManager.default.currentDirectoryPath).pushing(FilePath(text)).lexicallyNormalized()
    }

    /// Where programs keep records and logs.
    var programs: FilePath { path.appending("programs") }
    /// Where workers keep scratch files and spools.
    var workers: FilePath { path.appending("workers") }
    /// Where the workers of a load test keep records and logs.
    var stress: FilePath { path.appending("stress") }
    private var file: FilePath { path.appending("studio.json") }

    func stack(respecting environment: [String: String] = ProcessInfo.processInfo.environment) throws -> Stack {
        Stack(StackConfiguration(root: path, external: try ExternalServices(environment: environment)))
    }

    /// Runs the body while no other command starts or stops services or programs here.
    func exclusively<Value>(_ body: () async throws -> Value) async throws -> Value {
        try await DetachedSupervisor(directory: programs).exclusively(onWait: Self.tellWait, body)
    }

    static func tellWait(for holder: String) {
        Terminal.note("  waiting for process \(holder), which is at work here")
    }

    func load() -> DevSecrets? {
        try? PrivateFile.read(DevSecrets.self, from: file)
    }

    /// Reads what is there, or makes it, and chooses ports that are free now.
    func prepare() throws -> DevSecrets {
        let old = load()
        let http = try Ports.free(preferring: old.flatMap { Self.port(of: $0.url) } ?? 8080)
        let hub = try Ports.free(preferring: old.flatMap { Self.port(of: $0.hubAddress) } ?? 8081)
        let secrets = DevSecrets(
            url: "http://127.0.0.1:\(http)", apiKey: old?.apiKey ?? Self.secret(),
            workerToken: old?.workerToken ?? Self.secret(), hubSecret: old?.hubSecret ?? Self.secret(),
            hubAddress: "127.0.0.1:\(hub)")
        try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
        try PrivateFile.write(json: secrets, to: file)
        return secrets
    }

    private static func port(of address: String) -> Int? {
        address.split(separator: ":").last.flatMap { Int($0) }
    }

    private static func secret() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<secretBytes).map { _ in
            let byte = UInt8.random(in: 0...255, using: &generator)
            return (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}
