package import StudioCore

/// How an attempt ended, as the hub is told.
package enum AttemptResult: Sendable, Hashable {
    case completed([UploadedFile])
    case failed(TaskFailure)
    /// The worker shuts down and gives the task back unharmed.
    case handedBack
    /// The worker has stopped a canceled task.
    case canceled

    /// For metrics and logs.
    var outcome: String {
        switch self {
        case .completed: "completed"
        case .failed: "failed"
        case .handedBack: "handed_back"
        case .canceled: "canceled"
        }
    }
}
