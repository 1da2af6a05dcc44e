import Crypto
import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import StudioCore

extension Response {
    /// A document of JSON.
    static func json(
        _ value: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) throws -> Response {
        var headers = headers
        headers[.contentType] = "application/json"
        if headers[.cacheControl] == nil { headers[.cacheControl] = "no-store" }
        return Response(
            status: status, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: try RecordJSON.encode(value))))
    }

    /// A document of JSON with an entity tag; 304 without it when the client has it already.
    static func document(
        _ value: some Encodable, for request: Request, headers: HTTPFields = [:]
    ) throws -> Response {
        let body = try RecordJSON.encode(value)
        let digest = SHA256.hash(data: body).prefix(12).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        let tag = "\"\(digest.joined())\""
        var headers = headers
        headers[.eTag] = tag
        headers[.cacheControl] = "private, no-cache"
        let known = (request.headers[.ifNoneMatch] ?? "").split(separator: ",").map { $0.filter { $0 != " " } }
        if known.contains(where: { $0 == tag || $0 == "W/\(tag)" || $0 == "*" }) {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = "application/json"
        return Response(
            status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}

extension RecordList {
    /// A page with the cursor that leads on.
    init<Position: LosslessStringConvertible>(_ page: Page<Item>, position: (Item) -> Position) {
        let next = page.hasMore ? page.items.last.map { Cursor(position($0)).text } : nil
        self.init(data: page.items, nextCursor: next)
    }
}
