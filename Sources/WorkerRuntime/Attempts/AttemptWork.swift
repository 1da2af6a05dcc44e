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
    let room: DiskRoom
    let attempts: RunningAttempts
    let noProgressLimit: Duration
    let clock: any WorkerClock
    let stopwatch: Stopwatch
    /// Gives the slot to the next hint; false when it must be kept.
    let releaseSlot: @Sendable () -> Bool

    /// Does all of it.
    ///
    /// - Throws: `TaskFailure`; `CancellationError` when its task is canceled; ``HubError`` when the hub says that it
    ///   is fenced or canceled.
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
        let produced = try await compute(assignment)
        let missing = Set(assignment.spec.outputs.map(\.name)).subtracting(produced.map(\.name))
        guard missing.isEmpty else {
            throw TaskFailure(
                .temporary, code: "output_missing", detail: "not made: \(missing.sorted().joined(separator: ", "))")
        }
        let floors = OutputFloor.table(of: assignment.spec)
        return try await Disk.perform {
            try produced.map { file in try floors[file.name].map { try OutputProbe.measure(file, $0) } ?? file }
        }
    }

    /// Has the executor work on threads of its own, as long as it gets on.
    private func compute(_ assignment: Assignment) async throws -> [ProducedFile] {
        let promise = executor.progress(on: assignment.spec)
        let watch = ProgressWatch(limit: noProgressLimit, isPromised: promise == .steady, clock: clock)
        let reporter = ProgressReporter { progress in
            watch.note(progress)
            stopwatch.noteLoading(progress.phase == Progress.loadingModel)
            attempts.note(progress, of: grant.name)
        }
        defer { stopwatch.noteLoading(false) }
        return try await withThrowingTaskGroup(of: [ProducedFile]?.self) { group in
            group.addTask {
                try await withTaskExecutorPreference(ComputeThreads.shared) {
                    try await executor.execute(assignment, report: reporter)
                }
            }
            if promise != .none {
                group.addTask {
                    try await watch.silence()
                    // Not thrown, for this group would wait for an executor that may not stop even then.
                    attempts.stop([grant.name], .noProgress)
                    return nil
                }
            }
            defer { group.cancelAll() }
            while let made = try await group.next() {
                if let made { return made }
            }
            throw CancellationError()
        }
    }

    private func upload(_ produced: [ProducedFile]) async throws -> [UploadedFile] {
        note(phase: "uploading", total: produced.count)
        let files = try await produced.concurrently(limit: Self.transfersMax) { file in
            UploadedFile(
                declaration: UploadDeclaration(
                    name: file.name, contentType: file.contentType,
                    size: try await Disk.perform { try OutputProbe.size(of: file.path) },
                    sha256: try await FileDigest.sha256(of: file.path)),
                media: file.media)
        }
        let uploads = AttemptUploads(grant: grant, hub: hub, transfers: transfers, clock: clock)
        let sources = zip(produced, files).map { AttemptUploads.Source(path: $0.path, declaration: $1.declaration) }
        try await uploads.run(sources) { await giveSlot() }
        return files
    }

    /// Lets the next hint have the slot: what is left to do needs no GPU, and no more disk than it has.
    ///
    /// A worker that is short of disk keeps it: what it took now would go back to the queue, and the end of this upload
    /// makes room.
    private func giveSlot() async {
        let isFree = await room.admits() && releaseSlot()
        WorkerMetrics.countUpload(isSlotFree: isFree)
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
        } catch let error as HubError where [.fenced, .canceled].contains(error.code) {
            throw error
        } catch {
            throw TaskFailure(error, at: stage)
        }
    }
}
