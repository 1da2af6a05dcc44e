import Foundation
import StudioCore
import SystemPackage
import WorkerRuntime

/// An executor that does what the test says.
struct FakeExecutor: TaskExecutor {
    let promise: ProgressPromise
    let body: @Sendable (Assignment, ProgressReporter) async throws -> [ProducedFile]

    /// - Parameter promise: what it says of the progress that it reports.
    init(
        promise: ProgressPromise = .none,
        _ body: @escaping @Sendable (Assignment, ProgressReporter) async throws -> [ProducedFile]
    ) {
        self.promise = promise
        self.body = body
    }

    func progress(on spec: TaskSpec) -> ProgressPromise { promise }

    func execute(_ assignment: Assignment, report: ProgressReporter) async throws -> [ProducedFile] {
        try await body(assignment, report)
    }

    /// Makes every declared output: a second of nothing.
    static let honest = FakeExecutor { assignment, _ in try assignment.makeOutputs() }

    /// Works until it is canceled.
    static let endless = FakeExecutor { _, _ in
        try await Task.sleep(for: .seconds(3_600))
        return []
    }
}

extension Assignment {
    /// - Parameter content: of every file.
    func makeOutputs(_ content: Data = .flac()) throws -> [ProducedFile] {
        try spec.outputs.map { output in
            let path = directory.appending(output.name)
            try content.write(to: URL(filePath: path.string))
            return ProducedFile(
                name: output.name, path: path, contentType: output.contentType, media: MediaFacts(samples: 48_000))
        }
    }
}
