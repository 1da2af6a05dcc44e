import Foundation
import GRPCNIOTransportHTTP2
import ProgramSettings
import StudioCore
import Subprocess
import SystemPackage
import Testing

@testable import WorkerRuntime

/// A CA made for one test, and a certificate of it for `localhost`, as PEM files.
private struct TestAuthority {
    let directory: FilePath

    var ca: String { directory.appending("ca.pem").string }
    var certificate: String { directory.appending("server.pem").string }
    var key: String { directory.appending("server.key").string }

    init() async throws {
        directory = FilePath(FileManager.default.temporaryDirectory.path).appending("tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
        try await openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/CN=test authority", "-keyout", "ca.key", "-out", "ca.pem")
        try await openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost", "-keyout", "server.key", "-out", "server.csr")
        try await openssl(
            "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-copy_extensions", "copy", "-out", "server.pem")
    }

    func remove() { try? FileManager.default.removeItem(atPath: directory.string) }

    private func openssl(_ arguments: String...) async throws {
        let record = try await Subprocess.run(
            .name("openssl"), arguments: Arguments(arguments), workingDirectory: directory, output: .discarded,
            error: .discarded)
        try #require(record.terminationStatus.isSuccess, "openssl \(arguments[0])")
    }
}

@Suite struct HubTLSTests {
    /// Claims from a hub with a certificate for `localhost`.
    private func claim(from host: String, of authority: TestAuthority, trusting ca: String) async throws {
        try await TestHub().serving(
            security: .tls(
                certificateChain: [.file(path: authority.certificate, format: .pem)],
                privateKey: .file(path: authority.key, format: .pem))
        ) { port in
            var endpoint = HubEndpoint(
                address: ListenAddress(host: host, port: port), token: "worker-token", security: .tls(caPath: ca))
            endpoint.callDeadline = .seconds(2)
            let client = try HubClient(endpoint, worker: WorkerID())
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await client.run() }
                defer { group.cancelAll() }
                guard case .granted = try await client.claim(task: TaskID(), attempt: 0) else {
                    Issue.record("not granted")
                    return
                }
            }
        }
    }

    @Test func `the hub's certificate is checked against the CA that was named`() async throws {
        let authority = try await TestAuthority()
        defer { authority.remove() }
        try await claim(from: "localhost", of: authority, trusting: authority.ca)

        let stranger = try await TestAuthority()
        defer { stranger.remove() }
        await #expect(throws: HubError.self) {
            try await claim(from: "localhost", of: authority, trusting: stranger.ca)
        }
    }

    @Test func `a certificate for another host is refused`() async throws {
        let authority = try await TestAuthority()
        defer { authority.remove() }
        await #expect(throws: HubError.self) {
            try await claim(from: "127.0.0.1", of: authority, trusting: authority.ca)
        }
    }
}
