import Foundation
import SystemPackage

/// Why a pipeline test failed, with what the programs said last.
struct PipelineFailure: Error, CustomStringConvertible {
    private static let lineMax = 60
    private static let bytesMax = 64 * 1024

    let description: String

    init(_ description: String) {
        self.description = description
    }

    init(_ error: any Error, logs directory: FilePath) {
        description = "\(error)\n\(Self.tails(in: directory))"
    }

    private static func tails(in directory: FilePath) -> String {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.string)) ?? []
        return names.filter { $0.hasSuffix(".log") }.sorted().map { name in
            let data = FileManager.default.contents(atPath: directory.appending(name).string) ?? Data()
            let lines = String(decoding: data.suffix(bytesMax), as: UTF8.self).split(separator: "\n")
            return "--- \(name)\n\(lines.suffix(lineMax).joined(separator: "\n"))"
        }.joined(separator: "\n")
    }
}
