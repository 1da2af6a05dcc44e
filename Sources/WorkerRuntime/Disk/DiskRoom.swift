import Logging
import ServiceLifecycle
import Synchronization
import SystemPackage

/// Watches whether the worker can write: without room every attempt it took would fail, and cost its task an attempt.
final class DiskRoom: Service {
    /// How often the directories are looked at; they are looked at before each claim, too.
    static let interval: Duration = .seconds(5)

    /// Looks at a directory: answers how many bytes are free there, and throws when nothing can be written.
    typealias Probe = @Sendable (FilePath) throws -> Int64

    /// A directory that no work can be done with.
    struct Shortage: Sendable, Hashable {
        let directory: FilePath
        /// How much is missing, or what else is wrong.
        let detail: String
    }

    private enum Finding: Sendable, Hashable {
        case unknown
        case enough
        case short(Shortage)
    }

    private struct State {
        var finding = Finding.unknown
        var listener: (@Sendable (_ hasRoom: Bool) -> Void)?
    }

    private let directories: [FilePath]
    private let freeBytesMin: Int64
    private let clock: any WorkerClock
    private let logger: Logger
    private let probe: Probe
    private let state = Mutex(State())

    /// - Parameter freeBytesMin: what every directory must have free, 0 or more.
    init(
        directories: [FilePath], freeBytesMin: Int64, clock: any WorkerClock, logger: Logger,
        probe: @escaping Probe = DiskProbe.freeBytes
    ) {
        self.directories = directories
        self.freeBytesMin = freeBytesMin
        self.clock = clock
        self.logger = logger
        self.probe = probe
    }

    /// What is wrong, if anything is or nobody has looked yet.
    var problem: String? {
        switch state.withLock({ $0.finding }) {
        case .unknown: "not looked at yet"
        case .enough: nil
        case .short(let shortage): "\(shortage.directory): \(shortage.detail)"
        }
    }

    /// Has `listener` told whenever room is found or lost, in this order, the first finding included.
    func onChange(_ listener: @escaping @Sendable (_ hasRoom: Bool) -> Void) {
        state.withLock { $0.listener = listener }
    }

    /// Whether one more attempt may begin.
    ///
    /// Once room is lost, it is for the regular look to find it again: what has arrived goes back without another.
    func admits() async -> Bool {
        if case .short = state.withLock({ $0.finding }) { return false }
        return await look()
    }

    /// Takes note of a write that failed: no work is taken until the next regular look.
    func lost(in directory: FilePath) {
        note(.short(Shortage(directory: directory, detail: "no space left on device")))
    }

    /// Looks at regular intervals until shut down.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            repeat { await self.look() } while (try? await self.clock.sleep(for: Self.interval)) != nil
        }
    }

    @discardableResult
    private func look() async -> Bool {
        let found = try? await Disk.perform { self.directories.compactMap(self.shortage).first }
        note(found.map(Finding.short) ?? .enough)
        return found == nil
    }

    private func shortage(of directory: FilePath) -> Shortage? {
        do {
            let free = try probe(directory)
            WorkerMetrics.recordDisk(freeBytes: free, directory: directory.lastComponent?.string ?? "")
            guard free < freeBytesMin else { return nil }
            return Shortage(
                directory: directory,
                detail: "\(freeBytesMin - free) bytes short of the \(freeBytesMin) that must be free")
        } catch {
            return Shortage(directory: directory, detail: "cannot be written: \(error)")
        }
    }

    private func note(_ finding: Finding) {
        state.withLock { state in
            let before = state.finding
            state.finding = finding
            switch (before, finding) {
            case (.unknown, .enough): break
            case (.short, .enough): logger.notice("Worker has room on its disk again and takes work")
            case (.unknown, .short(let shortage)), (.enough, .short(let shortage)):
                logger.error(
                    "Worker takes no work: no room on its disk",
                    metadata: ["directory": "\(shortage.directory)", "problem": "\(shortage.detail)"])
            default: return
            }
            WorkerMetrics.recordDisk(hasRoom: finding == .enough)
            // Under the lock, so that the last word it hears is the last finding.
            state.listener?(finding == .enough)
        }
    }
}
