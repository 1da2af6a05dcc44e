import Foundation
import Logging
import Testing

@testable import ObjectStore

@Suite struct PresignTests {
    static let sha256 = String(repeating: "ab", count: 32)

    private func client(publicEndpoint: String? = nil) throws -> S3Client {
        let configuration = try S3Configuration(
            endpoint: "http://10.0.0.5:9000", publicEndpoint: publicEndpoint, bucket: "studio",
            accessKey: "access", secretKey: "hush-hush")
        return S3Client(configuration: configuration, logger: Logger(label: "test"), now: { S3SignatureTests.date })
    }

    @Test func `an upload grant binds type, length, checksum and condition`() throws {
        let request = try client().presignPut(
            key: "runs/r/t/1/shot.mp4", contentType: "video/mp4", contentLength: 12, sha256: Self.sha256,
            expires: .seconds(600))
        #expect(request.method == "PUT")
        #expect(
            request.url.contains(
                "X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost%3Bif-none-match%3Bx-amz-checksum-sha256"))
        #expect(
            request.headers == [
                "content-type": "video/mp4", "content-length": "12", "if-none-match": "*",
                "x-amz-checksum-sha256": Data(repeating: 0xAB, count: 32).base64EncodedString(),
            ])
        let bytes = try client().presignPut(
            key: "runs/r/t/1/shot.mp4", contentType: "video/mp4", contentLength: 12,
            sha256: [UInt8](repeating: 0xAB, count: 32), expires: .seconds(600))
        #expect(bytes == request)
    }

    @Test func `a checksum that is none is left for the store to refuse`() throws {
        let request = try client().presignPut(
            key: "a", contentType: "b/c", contentLength: 1, sha256: "not hexadecimal", expires: .seconds(1))
        #expect(request.headers["x-amz-checksum-sha256"] == "not hexadecimal")
    }

    @Test func `a key is encoded once and never normalised`() throws {
        let request = try client().presignGet(key: "a b/ü/+%//../c?d#e", expires: .seconds(60))
        #expect(request.url.hasPrefix("http://10.0.0.5:9000/studio/a%20b/%C3%BC/%2B%25//../c%3Fd%23e?X-Amz-"))
    }

    @Test func `the public endpoint is the one that URLs name and sign`() throws {
        let inside = try client().presignGet(key: "a", expires: .seconds(60))
        let outside = try client(publicEndpoint: "https://media.example.com")
            .presignGet(key: "a", expires: .seconds(60))
        #expect(outside.url.hasPrefix("https://media.example.com/studio/a?"))
        #expect(inside.url.suffix(64) != outside.url.suffix(64))
    }

    @Test(arguments: [(Duration.zero, 1), (.seconds(90), 90), (.seconds(10_000_000), 604_800)])
    func `the lifetime stays within what stores allow`(asked: Duration, given: Int) throws {
        let request = try client().presignGet(key: "a", expires: asked)
        #expect(request.url.contains("X-Amz-Expires=\(given)&"))
        #expect(request.expiresAt == S3SignatureTests.date + Double(given))
    }

    @Test func `the answer's headers can be prescribed`() throws {
        let request = try client().presignGet(
            key: "a", expires: .seconds(60), contentDisposition: "attachment; filename=\"a.mp4\"",
            contentType: "video/mp4")
        #expect(request.url.contains("?response-content-disposition=attachment%3B%20filename%3D%22a.mp4%22&"))
        #expect(request.url.contains("response-content-type=video%2Fmp4&"))
    }

    @Test func `a part grant knows its number`() throws {
        let request = try client().presignPart(
            key: "a", uploadID: "u+/=", part: 17, contentLength: 5, expires: .seconds(60))
        #expect(try request.partNumber == 17)
        #expect(request.url.contains("uploadId=u%2B%2F%3D"))
        #expect(throws: ObjectStoreError.self) { try client().presignGet(key: "a", expires: .seconds(1)).partNumber }
    }

    @Test func `a presigned request travels as JSON and is not printed`() throws {
        let request = try client().presignGet(key: "a", expires: .seconds(60))
        let copy = try JSONDecoder().decode(PresignedRequest.self, from: JSONEncoder().encode(request))
        #expect(copy == request)
        var dumped = ""
        dump(request, to: &dumped)
        for text in ["\(request)", String(reflecting: request), dumped] {
            #expect(!text.contains("X-Amz-"))
            #expect(text.contains("http://10.0.0.5:9000/studio/a"))
        }
    }
}
