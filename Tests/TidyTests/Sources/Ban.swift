/// Something that is not written here, and what is written instead.
struct Ban {
    /// Part of every match, to look for before the pattern is tried.
    let word: String
    /// Matched against one line of code, without comments and strings.
    let pattern: Regex<Substring>
    let replacement: String
    /// Whether the line, counted from 0, may hold it after all.
    var exempts: (SwiftSource, Int) -> Bool = { _, _ in false }

    func violations(in source: SwiftSource) -> [Violation] {
        source.code.enumerated().compactMap { index, line in
            guard line.contains(word), line.contains(pattern), !exempts(source, index) else { return nil }
            return Violation(source.path, line: index + 1, "\(word.trimmed): \(replacement)")
        }
    }

    /// Files that may promise the compiler what it cannot check, each with the reason.
    static let uncheckedSendable: [String: String] = [:]
    static let unsafeIsolation: [String: String] = [
        "Sources/Postgres/Connection/CancelRequest.swift":
            "libpq's cancel handle may be used from any thread, and is freed by the last owner",
        "Tests/TidyTests/Sources/SwiftSource.swift": "a constant Regex, which is not Sendable",
    ]

    static var all: [Ban] {
        [
            Ban(word: "try!", pattern: /(?:^|\W)try[!]/, replacement: "throw, or handle the error"),
            Ban(
                word: "fatalError", pattern: /(?:^|\W)fatalError\(/,
                replacement: "throw; a fault of the program is a precondition that says which"),
            // The command line prints, and a benchmark its figures.
            Ban(
                word: "print(", pattern: /(?:^|[^.\w])(?:debugPrint|print)\(/,
                replacement: "log with a constant sentence and metadata"
            ) { source, _ in source.isTest ? source.path.hasSuffix("Bench.swift") : source.target == "studio" },
            Ban(
                word: "Task",
                pattern: /(?:^|[^.\w])Task(?:\.(?:detached|immediate)\W|\s*\{|\((?:name|priority|operation):)/,
                replacement: "structured concurrency: a task group, or a Service in the ServiceGroup"
            ) { source, _ in source.isTest || ImportTable.programs[source.target ?? ""] != nil },
            Ban(
                word: "@unchecked Sendable", pattern: /@unchecked\s+Sendable/,
                replacement: "a Mutex or an actor; else a line with its reason in this test"
            ) { source, _ in uncheckedSendable[source.path] != nil },
            Ban(
                word: "nonisolated(unsafe)", pattern: /nonisolated\(unsafe\)/,
                replacement: "a Mutex or an actor; else a line with its reason in this test"
            ) { source, _ in unsafeIsolation[source.path] != nil },
            Ban(word: "public ", pattern: /(?:^|\s)public\s/, replacement: "package: nobody imports us from outside"),
            Ban(word: "open ", pattern: /(?:^|\s)open\s+(?:class|func|var)\s/, replacement: "package final"),
            Ban(word: "XCTest", pattern: /^\s*import\s+XCTest\s*$/, replacement: "swift-testing"),
            Ban(
                word: "import Foundation", pattern: /(?:^|\s)import\s+Foundation\s*$/,
                replacement: "FoundationEssentials: the core does no I/O"
            ) { source, _ in source.target != "StudioCore" },
        ]
    }
}

extension String {
    var trimmed: String { String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
}
