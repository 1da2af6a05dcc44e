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

/// A file that is in the object store.
package struct UploadedFile: Sendable, Hashable {
    package let declaration: UploadDeclaration
    package let media: MediaFacts

    package init(declaration: UploadDeclaration, media: MediaFacts) {
        self.declaration = declaration
        self.media = media
    }
}

/// Where the time of an attempt went, by the worker's monotonic clock.
package struct AttemptTimes: Sendable, Hashable {
    package var download: Duration = .zero
    package var compute: Duration = .zero
    package var upload: Duration = .zero

    package init() {}
}
