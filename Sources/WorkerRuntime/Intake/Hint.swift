import AMQP
import StudioCore
import StudioProto
import SwiftProtobuf

/// A message that says a task may be claimed; never the truth.
struct Hint: Sendable, Hashable {
    let task: TaskID
    /// The attempt that the task had when the hint was sent.
    let attempt: Int

    /// The largest message that is looked at, in bytes; ours have a twentieth of it.
    static let bytesMax = 1 << 10

    /// Reads a message; `nil` when it is none of this program's version.
    init?(_ body: [UInt8]) {
        guard body.count <= Self.bytesMax, let message = try? WireTaskMessage(serializedBytes: body),
            message.version == Wire.version,
            let task = TaskID(message.taskID)
        else { return nil }
        self.task = task
        attempt = Int(message.attempt)
    }
}
