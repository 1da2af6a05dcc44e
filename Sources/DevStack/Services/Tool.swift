import Foundation
import Subprocess
import SystemPackage

/// Runs a short command to its end.
enum Tool {
    struct Result: Sendable {
        var isSuccess: Bool
        var output: String
        var error: String
    }

    private static let outputLimit = 64 * 1024

    static func run(_ executable: FilePath, _ arguments: [String], environment: [String: String]) async throws -> Result
    {
        var variables: [Environment.Key: String] = [:]
        for (name, value) in environment {
            if let key = Environment.Key(rawValue: name) { variables[key] = value }
        }
        let result = try await Subprocess.run(
            .path(.init(executable.string)), arguments: Arguments(arguments), environment: .custom(variables),
            output: .string(limit: outputLimit), error: .string(limit: outputLimit))
        func trimmed(_ text: String) -> String { text.trimmingCharacters(in: .whitespacesAndNewlines) }
        return Result(
            isSuccess: result.terminationStatus.isSuccess, output: trimmed(result.standardOutput),
            error: trimmed(result.standardError))
    }
}
