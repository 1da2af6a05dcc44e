import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import StudioCore

extension Problem {
    /// The answer, with the request's id.
    func response(requestID: String) -> Response {
        var record = record
        record.requestID = requestID
        var headers = headers
        headers[.contentType] = "application/problem+json"
        headers[.cacheControl] = "no-store"
        let body = (try? RecordJSON.encode(record)) ?? Data()
        return Response(
            status: HTTPResponse.Status(code: record.status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}
