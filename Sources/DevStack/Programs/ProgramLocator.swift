import Foundation
import SystemPackage

/// Finds our own programs: they are built and installed side by side.
enum ProgramLocator {
    /// Names the directory of the programs, for a caller that does not lie beside them, such as a test.
    static let variable = "AINERN2D_BIN_DIR"

    static func find(
        _ name: String, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> FilePath {
        if name.hasPrefix("/") { return FilePath(name) }
        var directories: [FilePath] = []
        if let directory = environment[variable], !directory.isEmpty { directories.append(FilePath(directory)) }
        if let own = Bundle.main.executablePath { directories.append(FilePath(own).removingLastComponent()) }
        let here = FilePath(FileManager.default.currentDirectoryPath)
        directories += [".build/debug", ".build/release"].map { here.appending($0) }
        for directory in directories {
            let path = directory.appending(name)
            if FileManager.default.isExecutableFile(atPath: path.string) { return here.pushing(path) }
        }
        throw StackError(
            .toolMissing, "The program “\(name)” is not built.",
            cure: "Run “make build”, or set \(variable) to the directory of the programs.")
    }
}
