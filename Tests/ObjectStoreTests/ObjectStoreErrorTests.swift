import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Testing

@testable import ObjectStore

@Suite struct ObjectStoreErrorTests {
    private func refusal(_ status: Int, _ s3Code: String? = nil, message: String = "no") -> ObjectStoreError {
        let body = s3Code.map { "<Error><Code>\($0)</Code><Message>\(message)</Message></Error>" } ?? ""
        let reply = Reply(status: status, headers: ["retry-after": "7"], body: ByteBuffer(string: body))
        return ObjectStoreError(refusal: reply, operation: "upload")
    }

    typealias Case = (status: Int, s3Code: String?, code: ObjectStoreError.Code)

    static let cases: [Case] = [
        (403, "SignatureDoesNotMatch", .denied), (403, nil, .denied), (401, nil, .denied),
        (403, "RequestTimeTooSkewed", .clockSkew), (400, "ExpiredToken", .expired), (404, "NoSuchKey", .notFound),
        (404, nil, .notFound), (412, nil, .preconditionFailed), (409, "ConditionalRequestConflict", .conflict),
        (400, "BadDigest", .checksumMismatch), (400, "XAmzContentSHA256Mismatch", .checksumMismatch),
        (400, "RequestTimeout", .timeout), (400, "KeyTooLongError", .invalidRequest), (503, "SlowDown", .throttled),
        (429, nil, .throttled), (500, "InternalError", .serverError), (502, nil, .serverError),
        (301, "PermanentRedirect", .malformedResponse),
    ]

    @Test(arguments: cases)
    func `an answer becomes a code`(status: Int, s3Code: String?, code: ObjectStoreError.Code) {
        let error = refusal(status, s3Code)
        #expect(error.code == code)
        #expect(error.httpStatus == status)
        #expect(error.s3Code == s3Code)
        #expect(error.retryAfter == .seconds(7))
    }

    @Test func `an expired URL is told from a forbidden one`() {
        #expect(refusal(403, "AccessDenied", message: "Request has expired").code == .expired)
    }

    @Test func `only what may pass by itself is transient`() {
        for status in [408, 409, 429, 500, 502, 503, 504] { #expect(refusal(status).isTransient, "\(status)") }
        for status in [301, 400, 403, 404, 412, 501] { #expect(!refusal(status).isTransient, "\(status)") }
    }

    @Test func `the store's signature details are not taken over`() {
        let body = """
            <Error><Code>SignatureDoesNotMatch</Code><Message>It differs</Message><AWSAccessKeyId>AKIA</AWSAccessKeyId>
            <StringToSign>AWS4-HMAC</StringToSign><SignatureProvided>feed</SignatureProvided></Error>
            """
        let error = ObjectStoreError(
            refusal: Reply(status: 403, headers: [:], body: ByteBuffer(string: body)), operation: "upload")
        #expect(error.description.contains("It differs"))
        #expect(error.description.contains("wrong secret key"))
        for secret in ["AKIA", "AWS4-HMAC", "feed"] { #expect(!error.description.contains(secret)) }
    }

    @Test func `what the client threw becomes a code, and cancellation stays cancellation`() {
        func code(_ error: any Error) -> ObjectStoreError.Code? {
            (ObjectStoreError.wrapping(error, operation: "upload") as? ObjectStoreError)?.code
        }
        #expect(code(HTTPClientError.connectTimeout) == .unreachable)
        #expect(code(HTTPClientError.remoteConnectionClosed) == .unreachable)
        #expect(code(HTTPClientError.readTimeout) == .timeout)
        #expect(code(HTTPParserError.invalidEOFState) == .unreachable)
        #expect(code(HTTPParserError.invalidHeaderToken) == .malformedResponse)
        #expect(ObjectStoreError.wrapping(HTTPClientError.cancelled, operation: "upload") is CancellationError)
    }
}
