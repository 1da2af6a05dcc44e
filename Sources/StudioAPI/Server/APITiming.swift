/// How often the API looks for news; tests make it fast.
package struct APITiming: Sendable {
    /// Pause between two looks for news of a stream or a long poll.
    package var poll = Duration.milliseconds(500)
    /// A stream tells progress at most this often.
    package var progress = Duration.seconds(1)
    /// A silent stream says something this often, so that dead connections are noticed.
    package var heartbeat = Duration.seconds(15)
    /// A stream without news checks this often that its run has not ended without an event.
    package var recheck = Duration.seconds(10)

    package init() {}
}
