import FoundationEssentials
import SystemPackage

/// A folder that a test fills and that goes with it.
struct TemporaryFolder: ~Copyable {
    let path: FilePath

    init() throws {
        path = FilePath(FileManager.default.temporaryDirectory.path()).appending("composition-\(UUID().uuidString)")
        try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path.string)
    }
}

func bytes(of path: FilePath) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(filePath: path.string)))
}
