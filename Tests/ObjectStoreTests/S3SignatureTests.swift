import Foundation
import Logging
import Testing

@testable import ObjectStore

/// The worked examples of the S3 documentation (bucket `examplebucket`, 24 May 2013).
@Suite struct S3SignatureTests {
    static let date = Date(timeIntervalSince1970: 1_369_353_600)
    static let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    let signer = SigV4(accessKey: "AKIAIOSFODNN7EXAMPLE", secretKey: Self.secret, region: "us-east-1")

    private func signature(
        _ method: String, _ path: String, query: String = "", payload: String = SigV4.emptyPayload,
        _ headers: [(name: String, value: String)] = []
    ) -> String {
        let all = [("host", "examplebucket.s3.amazonaws.com"), ("x-amz-content-sha256", payload)] + headers
        let request = SigV4.Request(method: method, path: path, query: query, headers: all)
        return signer.headersAndSignature(signing: request, payloadHash: payload, at: Self.date).signature
    }

    @Test func `the documented header signatures come out`() {
        #expect(
            signature("GET", "/test.txt", [("range", "bytes=0-9")])
                == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
        #expect(
            signature(
                "PUT", "/test%24file.text", payload: "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
                [("date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")])
                == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
        #expect(
            signature("GET", "/", query: "lifecycle")
                == "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")
        #expect(
            signature("GET", "/", query: "max-keys=2&prefix=J")
                == "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")
    }

    @Test func `the documented presigned URL comes out`() throws {
        let configuration = try S3Configuration(
            endpoint: "https://s3.amazonaws.com", region: "us-east-1", bucket: "examplebucket",
            accessKey: "AKIAIOSFODNN7EXAMPLE", secretKey: Self.secret, pathStyle: false)
        let client = S3Client(configuration: configuration, logger: Logger(label: "test"), now: { Self.date })
        let request = client.presignGet(key: "test.txt", expires: .seconds(86_400))
        #expect(request.url.hasPrefix("https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm="))
        #expect(request.url.hasSuffix("=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"))
        #expect(request.expiresAt == Self.date + 86_400)
        #expect(request.headers.isEmpty)
    }

    @Test(arguments: [false, true])
    func `the chunks of the documented upload are signed one over the other`(withTrailer: Bool) {
        let payload = withTrailer ? SigV4.streamingPayloadWithTrailer : SigV4.streamingPayload
        var headers = [
            ("host", "s3.amazonaws.com"), ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            ("content-encoding", "aws-chunked"), ("x-amz-decoded-content-length", "66560"),
            ("content-length", "66824"), ("x-amz-content-sha256", payload),
        ]
        if withTrailer { headers.append(("x-amz-trailer", "first,second,third")) }
        let request = SigV4.Request(
            method: "PUT", path: "/examplebucket/chunkObject.txt", headers: headers.map { ($0.0, $0.1) })
        let seed = signer.headersAndSignature(signing: request, payloadHash: payload, at: Self.date).signature
        // The trailer's published value continues the chain of the upload without one.
        let published = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
        #expect((seed == published) == !withTrailer)

        var chunks = SigV4.ChunkSigner(signer: signer, seed: published, at: Self.date)
        #expect(
            chunks.sign(chunk: [UInt8](repeating: UInt8(ascii: "a"), count: 65_536))
                == "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648")
        #expect(
            chunks.sign(chunk: [UInt8](repeating: UInt8(ascii: "a"), count: 1_024))
                == "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497")
        #expect(chunks.sign(chunk: []) == "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9")
        if withTrailer {
            #expect(
                chunks.sign(trailer: [("first", "1st"), ("second", "2nd"), ("third", "3rd")])
                    == "df5735bd9f3295cd9386572292562fefc93ba94e80a0a1ddcbd652c4e0a75e6c")
        }
    }

    @Test func `the chunked encoding is as long as announced`() {
        // 64 KiB and 1 KiB: the example's content-length.
        #expect(ChunkedBody<FileSlice>.encodedSize(of: 66_560) == 66_824)
    }
}
