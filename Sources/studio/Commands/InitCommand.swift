import ArgumentParser
import Foundation
import StudioCore

/// `studio init DIR`.
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Writes a sample film to begin with.")

    static let fileName = "film.yaml"

    @Argument(help: "The directory; made when it is not there.")
    var directory: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let path = URL(fileURLWithPath: directory).appendingPathComponent(Self.fileName).path
        guard !FileManager.default.fileExists(atPath: path) else {
            throw Failure(.conflict, "\(path) is there already.\n→ Choose another directory, or remove it.")
        }
        try Self.write(to: path)
        if output.json {
            try output.print(["path": path])
        } else {
            Terminal.print(path)
            Terminal.note("Render it with: studio render \(path)")
        }
    }

    static func write(to path: String) throws {
        let file = URL(fileURLWithPath: path)
        do {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(SampleFilm.yaml.utf8).write(to: file, options: .atomic)
        } catch {
            throw Failure(.error, "\(path) cannot be written: \(error.localizedDescription)")
        }
    }
}
