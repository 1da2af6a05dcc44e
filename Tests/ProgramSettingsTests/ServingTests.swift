import Foundation
import NIOCore
import Testing

@testable import ProgramSettings

@Suite struct ServingTests {
    private static let address = ListenAddress(host: "192.0.2.1", port: 8080)

    private func failure(_ error: any Error) async -> any Error {
        do {
            try await Self.address.serving("HTTP_HOST", port: "HTTP_PORT") { throw error }
        } catch {
            return error
        }
        return CancellationError()
    }

    @Test(arguments: [
        (EADDRINUSE, "HTTP_PORT: 192.0.2.1:8080 is in use by another program; stop it or choose another port"),
        (EACCES, "HTTP_PORT: this user may not listen at 192.0.2.1:8080; choose a port above 1023"),
        (EADDRNOTAVAIL, "HTTP_HOST: 192.0.2.1:8080 is no address of this machine; choose one, such as 127.0.0.1"),
    ])
    func `what keeps a server from listening names the variable to change`(code: Int32, line: String) async {
        let error = await failure(IOError(errnoCode: code, reason: "bind"))
        #expect(error is ListenError)
        #expect("\(error)" == line)
    }

    @Test func `other errors stay what they are`() async {
        let error = await failure(IOError(errnoCode: EPIPE, reason: "write"))
        #expect((error as? IOError)?.errnoCode == EPIPE)
        #expect(await failure(CancellationError()) is CancellationError)
    }

    @Test func `a name that cannot be resolved is a fault of the setting`() async throws {
        let error = await #expect(throws: SettingError.self) {
            try await Self.address.serving("HTTP_HOST", port: "HTTP_PORT") {
                _ = try SocketAddress(ipAddress: "no address", port: 1)
            }
        }
        #expect(error?.variable == "HTTP_HOST")
    }
}
