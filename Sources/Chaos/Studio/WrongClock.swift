import Foundation
import SystemPackage

/// The clock of one worker, which can be set wrong while it runs.
///
/// libfaketime stands between that program and the system's time of day; its monotonic clock stays right, as it does on
/// a machine whose clock is set.
struct WrongClock: Sendable {
    /// How wrong it is when it is wrong, in seconds.
    static let jump = 600
    private static let libraries = ["x86_64-linux-gnu", "aarch64-linux-gnu"].map {
        FilePath("/usr/lib/\($0)/faketime/libfaketimeMT.so.1")
    }

    /// What the program must be started with.
    let environment: [String: String]
    private let file: FilePath

    /// A clock that is right; nil where the library is not installed.
    static func make(in directory: FilePath) throws -> WrongClock? {
        guard let library = libraries.first(where: { FileManager.default.fileExists(atPath: $0.string) }) else {
            return nil
        }
        let clock = WrongClock(library: library, file: directory.appending("clock"))
        try clock.set(0)
        return clock
    }

    private init(library: FilePath, file: FilePath) {
        self.file = file
        environment = [
            "LD_PRELOAD": library.string, "FAKETIME_TIMESTAMP_FILE": file.string, "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        ]
    }

    /// Sets it wrong by so many seconds, forward or back; the program sees it within a second.
    func set(_ seconds: Int) throws {
        try Data("\(seconds >= 0 ? "+" : "")\(seconds)s\n".utf8).write(
            to: URL(filePath: file.string), options: .atomic)
    }
}
