import Foundation

/// The files of this repository, by paths relative to its root.
enum Repository {
    /// Made by builds and by people's tools, never tracked.
    private static let ignored: Set<String> = [
        ".build", ".dev", ".git", ".secrets", ".env", ".swiftpm", ".DS_Store", "Package.resolved", "__pycache__",
    ]

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Every tracked text, in order.
    static let texts: [Text] = paths.compactMap { path in
        guard let text = try? String(contentsOf: root.appending(path: path), encoding: .utf8) else { return nil }
        return Text(path: path, text: text)
    }

    /// Every Swift file that people wrote.
    static let sources: [SwiftSource] = texts.filter { text in
        text.path.hasSuffix(".swift") && !text.path.contains("/Generated/")
    }.map(SwiftSource.init)

    static func text(_ path: String) throws -> Text {
        Text(path: path, text: try String(contentsOf: root.appending(path: path), encoding: .utf8))
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path)
    }

    /// The entries of a directory, without what is never tracked.
    static func entries(_ directory: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appending(path: directory).path)
            .filter { !isIgnored($0) }.sorted()
    }

    private static var paths: [String] {
        guard let walker = FileManager.default.enumerator(atPath: root.path) else { return [] }
        var paths: [String] = []
        while let path = walker.nextObject() as? String {
            let name = path.split(separator: "/").last.map(String.init) ?? path
            if isIgnored(name) {
                walker.skipDescendants()
            } else if walker.fileAttributes?[.type] as? FileAttributeType == .typeRegular {
                paths.append(path)
            }
        }
        return paths.sorted()
    }

    private static func isIgnored(_ name: String) -> Bool {
        ignored.contains(name) || name.hasPrefix(".build-") || name.hasSuffix(".xcodeproj")
    }
}

/// A text file.
struct Text {
    let path: String
    let text: String

    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
}
