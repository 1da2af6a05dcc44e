import Crypto
import Foundation
package import StudioCore

/// Proves that the hub granted an attempt to a worker: it dies with the attempt, so a leaked one is soon worth nothing.
package struct AttemptTokens: Sendable {
    private let key: SymmetricKey

    /// - Parameter secret: the same for all replicas of the hub.
    package init(secret: String) {
        key = SymmetricKey(data: Data(secret.utf8))
    }

    /// The token of one attempt of one worker.
    package func token(task: TaskID, attempt: Int, worker: WorkerID) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Self.statement(task, attempt, worker), using: key)
        return Data(code).base64EncodedString()
    }

    /// Whether `token` is that of this attempt and worker; takes the same time for any wrong one.
    package func isValid(_ token: String, task: TaskID, attempt: Int, worker: WorkerID) -> Bool {
        guard let code = Data(base64Encoded: token) else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(
            code, authenticating: Self.statement(task, attempt, worker), using: key)
    }

    private static func statement(_ task: TaskID, _ attempt: Int, _ worker: WorkerID) -> Data {
        Data("\(task) \(attempt) \(worker)".utf8)
    }
}
