/// The name of one subscription to a queue: `3/tasks.video.standard.batch`.
struct ConsumerTag: Equatable {
    let queue: String
    /// Of the subscriptions on one channel.
    let number: Int

    var text: String { "\(number)/\(queue)" }

    /// The queue that a tag of ours names.
    static func queue(_ text: String) -> String {
        String(text.drop { $0 != "/" }.dropFirst())
    }
}
