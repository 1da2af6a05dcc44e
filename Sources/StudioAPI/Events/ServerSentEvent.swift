import FoundationEssentials
import NIOCore
import StudioCore

/// One event of a stream, as the HTML standard writes them.
enum ServerSentEvent {
    /// Tells the client how long to wait before it connects again, in milliseconds.
    static let opening = ByteBuffer(string: "retry: 2000\n\n")
    static let heartbeat = ByteBuffer(string: ": heartbeat\n\n")

    /// An event with one line of JSON; without an id when it is no place to resume from.
    static func buffer(_ name: String, id: Int64?, _ value: some Encodable) throws -> ByteBuffer {
        var buffer = ByteBuffer()
        if let id { buffer.writeString("id: \(id)\n") }
        buffer.writeString("event: \(name)\ndata: ")
        buffer.writeBytes(try RecordJSON.encode(value))
        buffer.writeString("\n\n")
        return buffer
    }
}
