import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A place where a test can have the process die, to prove that nothing is lost there.
///
/// An aid for tests: nothing happens unless `CRASH_POINT_DIRECTORY` names a directory. Whoever runs the test makes an
/// empty file there, named like a point; the first process that reaches this point removes the file and is killed, as
/// if by `kill -9`. So one file is one crash, and the program that a supervisor starts again lives.
package enum CrashPoint: String, Sendable, CaseIterable {
    /// Tasks are marked as hinted, and no hint has been sent.
    case dispatcherPicked = "dispatcher.picked"
    /// Hints are sent and confirmed, and nobody has looked at the outcome.
    case dispatcherPublished = "dispatcher.published"
    /// A run is committed, and the client has not been told.
    case apiAccepted = "api.accepted"
    /// A task is claimed, and the worker has not been told.
    case hubClaimed = "hub.claimed"
    /// Reports are committed, and the broker has not been told.
    case hubApplied = "hub.applied"
    /// An attempt has made and uploaded its files, and its report is not kept anywhere.
    case workerUploaded = "worker.uploaded"
    /// A report is on the worker's disk, and the broker may or may not have it.
    case workerKept = "worker.kept"
    /// The broker has confirmed a report, and the task's hint is not acknowledged.
    case workerReported = "worker.reported"

    /// The variable that names the directory.
    package static let variable = "CRASH_POINT_DIRECTORY"

    private static let directory = ProcessInfo.processInfo.environment[variable]

    /// Dies here if somebody has asked for it.
    package static func reach(_ point: CrashPoint) {
        guard let directory else { return }
        if unlink("\(directory)/\(point.rawValue)") == 0 { kill(getpid(), SIGKILL) }
    }
}
