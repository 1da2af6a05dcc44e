/// Where the time of an attempt went, by the worker's monotonic clock.
package struct AttemptTimes: Sendable, Hashable {
    package var download: Duration = .zero
    /// Loading models, which is part of ``compute``.
    package var load: Duration = .zero
    package var compute: Duration = .zero
    package var upload: Duration = .zero

    package init() {}
}
