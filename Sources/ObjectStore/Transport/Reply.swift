import NIOCore
import NIOHTTP1

/// An answer read to its end.
struct Reply: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let body: ByteBuffer

    var isSuccess: Bool { (200..<300).contains(status) }
    var etag: String? { headers.first(name: "etag").map { $0.filter { $0 != "\"" } } }
}
