import Subprocess
import SystemPackage

/// Runs an operator's commands.
enum Shell {
    private static let outputMax = 1 << 16

    /// Runs a command, whose first word may hold arguments of its own; answers its output.
    @discardableResult
    static func run(_ command: String, _ arguments: [String] = []) async throws -> String {
        let result = try await Subprocess.run(
            .path("/bin/sh"), arguments: Arguments(["-c", "\(command) \"$@\"", "chaos"] + arguments),
            output: .string(limit: outputMax), error: .string(limit: outputMax))
        guard result.terminationStatus.isSuccess else {
            throw ChaosError("\(command) \(arguments.joined(separator: " ")) failed: \(result.standardError)")
        }
        return result.standardOutput
    }
}
