import FoundationEssentials
import SystemPackage

/// Spoils a finished file the way broken machines do.
enum MockDamage {
    /// Leaves nothing in it.
    static func empty(_ path: FilePath) throws {
        try Data().write(to: URL(filePath: path.string))
    }

    /// Cuts the last third off and scrambles some of the middle.
    static func damage(_ path: FilePath) throws {
        let url = URL(filePath: path.string)
        var bytes = [UInt8](try Data(contentsOf: url))
        bytes.removeLast(bytes.count / 3)
        for index in stride(from: bytes.count / 2, to: bytes.count, by: 5) { bytes[index] ^= 0xA5 }
        try Data(bytes).write(to: url)
    }
}
