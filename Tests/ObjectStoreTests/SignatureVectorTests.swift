import ObjectStore
import Testing

@Suite struct SignatureVectorTests {
    @Test func `the whole suite is here`() {
        #expect(SignatureVector.all.count == 38)
    }

    @Test(arguments: SignatureVector.all)
    func `signing in the headers gives what the suite says`(_ vector: SignatureVector) throws {
        let (signer, context) = (try vector.signer(), try vector.context())
        var (request, bodyHash) = try vector.request()
        if context.sign_body { request.headers.append(("x-amz-content-sha256", bodyHash)) }
        let added = signer.headers(signing: request, payloadHash: bodyHash, at: context.timestamp)

        var signed = request
        signed.headers += added.filter { header in
            header.name == "x-amz-date" || (header.name == "x-amz-security-token" && signer.signsSessionToken)
        }
        let canonical = signer.canonicalRequest(signed, payloadHash: bodyHash)
        #expect(try canonical == vector.text("header-canonical-request.txt"))
        let text = signer.stringToSign(canonicalRequest: canonical, at: context.timestamp)
        #expect(try text == vector.text("header-string-to-sign.txt"))
        let signature = try vector.text("header-signature.txt")
        #expect(signer.signature(of: text, at: context.timestamp) == signature)

        let expected = try vector.text("header-signed-request.txt")
        let authorization = try #require(added.first { $0.name == "authorization" }).value
        #expect(expected.contains("Authorization:\(authorization)\n"))
        let token = added.first { $0.name == "x-amz-security-token" }?.value
        #expect(expected.contains("X-Amz-Security-Token:") == (token != nil))
        if let token { #expect(expected.contains("X-Amz-Security-Token:\(token)\n")) }
    }

    @Test(arguments: SignatureVector.all)
    func `signing in the query gives what the suite says`(_ vector: SignatureVector) throws {
        let (signer, context) = (try vector.signer(), try vector.context())
        let (request, bodyHash) = try vector.request()
        let query = signer.presignedQuery(
            request, payloadHash: bodyHash, expires: context.expiration_in_seconds, at: context.timestamp)

        var signed = request
        signed.query = query.split(separator: "&").filter { parameter in
            !parameter.hasPrefix("X-Amz-Signature=")
                && (signer.signsSessionToken || !parameter.hasPrefix("X-Amz-Security-Token="))
        }.joined(separator: "&")
        let canonical = signer.canonicalRequest(signed, payloadHash: bodyHash)
        #expect(try canonical == vector.text("query-canonical-request.txt"))
        let text = signer.stringToSign(canonicalRequest: canonical, at: context.timestamp)
        #expect(try text == vector.text("query-string-to-sign.txt"))
        #expect(try query.contains("X-Amz-Signature=\(vector.text("query-signature.txt"))"))
        let requestLine = "\(request.method) \(request.path)?\(query) HTTP/1.1\n"
        #expect(try vector.text("query-signed-request.txt").hasPrefix(requestLine))
    }
}
