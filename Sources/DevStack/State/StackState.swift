import Foundation

/// What a stack must remember between two calls of the command-line tool.
struct StackState: Sendable, Codable {
    /// Raised when the meaning of a field changes; a state of another version is refused.
    static let currentVersion = 1

    var version = StackState.currentVersion
    var ports: StackPorts
    var secrets: StackSecrets
    /// The processes that were started and not stopped since, by their names.
    var processes: [String: ProcessRecord] = [:]
}

/// Passwords and keys of the stack's own services, made at the first start.
struct StackSecrets: Sendable, Codable {
    var postgres = StackSecrets.random()
    var rabbitmq = StackSecrets.random()
    var s3AccessKey = "dev" + StackSecrets.random().prefix(17)
    var s3SecretKey = StackSecrets.random() + StackSecrets.random()

    /// Makes 24 random characters (142 bits) that need no escaping in URLs, shells and configuration files.
    private static func random() -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        var generator = SystemRandomNumberGenerator()
        return String((0..<24).map { _ in alphabet[Int.random(in: alphabet.indices, using: &generator)] })
    }
}
