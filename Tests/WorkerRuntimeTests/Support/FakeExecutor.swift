import Foundation
import StudioCore
import SystemPackage
import WorkerRuntime

/// An executor that does what the test says.
struct FakeExecutor: TaskExecutor {
    let body: @Sendable (Assignment, ProgressReporter) async throws -> [ProducedFile]

    init(_ body: @escaping @Sendable (Assignment, ProgressReporter) async throws -> [ProducedFile]) {
        self.body = body
    }

    func execute(_ assignment: Assignment, report: ProgressReporter) async throws -> [ProducedFile] {
        try await body(assignment, report)
    }

    /// Makes every declared output, with its own name as content.
    static let honest = FakeExecutor { assignment, _ in try assignment.makeOutputs() }

    /// Works until it is canceled.
    static let endless = FakeExecutor { _, _ in
        try await Task.sleep(for: .seconds(3_600))
        return []
    }
}

extension Assignment {
    func makeOutputs() throws -> [ProducedFile] {
        try spec.outputs.map { output in
            let path = directory.appending(output.name)
            try Data(output.name.utf8).write(to: URL(filePath: path.string))
            return ProducedFile(
                name: output.name, path: path, contentType: output.contentType, media: MediaFacts(samples: 48_000))
        }
    }
}
