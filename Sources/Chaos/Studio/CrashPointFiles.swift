import CrashPoint
import Foundation
import SystemPackage

/// The directory by which programs are told where to die.
struct CrashPointFiles: Sendable {
    let directory: FilePath

    /// Has the first program die that reaches the point.
    func arm(_ point: CrashPoint) throws {
        try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
        guard FileManager.default.createFile(atPath: file(point), contents: nil) else {
            throw ChaosError("\(file(point)) cannot be made")
        }
    }

    /// Whether nobody has died there yet.
    func isArmed(_ point: CrashPoint) -> Bool { FileManager.default.fileExists(atPath: file(point)) }

    func disarm(_ point: CrashPoint) { try? FileManager.default.removeItem(atPath: file(point)) }

    private func file(_ point: CrashPoint) -> String { directory.appending(point.rawValue).string }
}

extension ChaosConfiguration {
    var crashPoints: FilePath { directory.appending("crash-points") }
}
