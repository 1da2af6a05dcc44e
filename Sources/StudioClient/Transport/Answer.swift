import FoundationEssentials
import NIOCore
import NIOHTTP1
import StudioCore

/// An answer that succeeded, read to its end.
struct Answer: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let body: ByteBuffer

    func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        do {
            return try RecordJSON.decode(type, from: Data(body.readableBytesView))
        } catch {
            throw StudioClientError(.malformed, "The server's answer cannot be read: \(error)")
        }
    }
}
