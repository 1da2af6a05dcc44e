import Foundation
import ObjectStore
import StudioCore
import SystemPackage

/// The work of one attempt: fetch the inputs, make the outputs, bring them to the object store.
///
/// Knows nothing of leases and limits: to stop it, its task is canceled.
struct AttemptWork: Sendable {
    /// Files on their way at the same time, down or up.
    static let transfersMax = 4

    let grant: Grant
    let executor: any TaskExecutor
    let hub: any HubCalling
    let transfers: any FileTransferring
    let directory: WorkDirectory
    let attempts: RunningAttempts
    let clock: any WorkerClock
    let stopwatch: Stopwatch

    /// Does all of it.
    ///
    /// - Throws: `TaskFailure`; `CancellationError` when its task is canceled; ``HubError`` when it is fenced.
    func run() async throws -> [UploadedFile] {
        let spec = try grant.spec.get()
        let assignment = try await stopwatch.measure(\.download) {
            try await stage(.download) { try await prepare(spec) }
        }
        let produced = try await stopwatch.measure(\.compute) {
            try await stage(.compute) { try await execute(assignment) }
        }
        guard !produced.isEmpty else { return [] }
        return try await stopwatch.measure(\.upload) {
            try await stage(.upload) { try await upload(produced) }
        }
    }

    private func prepare(_ spec: TaskSpec) async throws -> Assignment {
        let path = try await directory.make(grant.name)
        if !grant.inputs.isEmpty { note(phase: "downloading", total: grant.inputs.count) }
        let paths = try await grant.inputs.enumerated().concurrently(limit: Self.transfersMax) { index, input in
            let target = path.appending(Self.fileName(of: input, index: index))
            try await transfers.fetch(input.request, to: target, size: input.size, sha256: input.sha256)
            return (input.name, target)
        }
        return Assignment(
            task: grant.name.task, attempt: grant.name.attempt, spec: spec,
            inputs: Dictionary(paths) { first, _ in first }, directory: path)
    }

    /// A name that is safe on any disk: input names are the hub's, and may hold slashes.
    private static func fileName(of input: Grant.Input, index: Int) -> String {
        let letters = input.name.utf8.map { byte in
            let letter = UnicodeScalar(byte)
            let isPlain = letter.isASCII && (letter.properties.isAlphabetic || letter.properties.numericType != nil)
            return isPlain || letter == "." || letter == "-" ? Character(letter) : "_"
        }
        return "input-\(index)-" + String(letters.suffix(Self.nameCharactersMax))
    }

    private static let nameCharactersMax = 80

    private func execute(_ assignment: Assignment) async throws -> [ProducedFile] {
        let reporter = ProgressReporter { progress in attempts.note(progress, of: grant.name) }
        let produced = try await withTaskExecutorPreference(ComputeThreads.shared) {
            try await executor.execute(assignment, report: reporter)
        }
        let missing = Set(assignment.spec.outputs.map(\.name)).subtracting(produced.map(\.name))
        guard missing.isEmpty else {
            throw TaskFailure(
                .temporary, code: "output_missing", detail: "not made: \(missing.sorted().joined(separator: ", "))")
        }
        return produced
    }

    private func upload(_ produced: [ProducedFile]) async throws -> [UploadedFile] {
        note(phase: "uploading", total: produced.count)
        let files = try await produced.concurrently(limit: Self.transfersMax) { file in
            UploadedFile(
                declaration: UploadDeclaration(
                    name: file.name, contentType: file.contentType, size: try await Self.size(of: file.path),
                    sha256: try await FileDigest.sha256(of: file.path)),
                media: file.media)
        }
        let uploads = AttemptUploads(grant: grant, hub: hub, transfers: transfers, clock: clock)
        let sources = zip(produced, files).map { AttemptUploads.Source(path: $0.path, declaration: $1.declaration) }
        try await uploads.run(sources)
        return files
    }

    private static func size(of path: FilePath) async throws -> Int64 {
        try await Disk.perform {
            let descriptor = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
            return try descriptor.closeAfter { try descriptor.seek(offset: 0, from: .end) }
        }
    }

    private func note(phase: String, total: Int) {
        attempts.note(Progress(phase: phase, done: 0, total: total, unit: "files"), of: grant.name)
    }

    /// Runs `body`; whatever it throws leaves as what the attempt's end is decided by.
    private func stage<Answer>(_ stage: WorkStage, _ body: () async throws -> Answer) async throws -> Answer {
        do {
            return try await body()
        } catch let error as CancellationError {
            throw error
        } catch let error as HubError where error.code == .fenced {
            throw error
        } catch {
            throw TaskFailure(error, at: stage)
        }
    }
}
