import Foundation
import NIOCore

extension ListenAddress {
    /// Runs a server that listens here, and names the variable to change where it cannot.
    ///
    /// - Parameters:
    ///   - variable: what holds the address, or its host.
    ///   - portVariable: what holds the port, where that is another.
    /// - Throws: ``SettingError`` when there is no such address, ``ListenError`` when it cannot be had, and whatever
    ///   else `serve` throws.
    package func serving(
        _ variable: String, port portVariable: String? = nil, _ serve: () async throws -> Void
    ) async throws {
        do {
            try await serve()
        } catch let error as IOError {
            guard let problem = problem(error, variable, portVariable ?? variable) else { throw error }
            throw ListenError(description: problem)
        } catch is SocketAddressError.UnknownHost, is SocketAddressError {
            throw SettingError(variable, "\"\(host)\" is no address, and no name that can be resolved")
        }
    }

    private func problem(_ error: IOError, _ hostVariable: String, _ portVariable: String) -> String? {
        switch error.errnoCode {
        case EADDRINUSE:
            "\(portVariable): \(self) is in use by another program; stop it or choose another port"
        case EACCES:
            "\(portVariable): this user may not listen at \(self); choose a port above 1023"
        case EADDRNOTAVAIL, EAFNOSUPPORT:
            "\(hostVariable): \(self) is no address of this machine; choose one, such as 127.0.0.1"
        default:
            nil
        }
    }
}
