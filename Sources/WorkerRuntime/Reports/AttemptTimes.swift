/// Where the time of an attempt went, by the worker's monotonic clock.
package struct AttemptTimes: Sendable, Hashable {
    package var download: Duration = .zero
    package var compute: Duration = .zero
    package var upload: Duration = .zero

    package init() {}
}
