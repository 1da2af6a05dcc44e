import ObjectStore
import Testing

@Suite struct S3ConfigurationTests {
    private func configuration(
        endpoint: String = "http://localhost:9000", publicEndpoint: String? = nil, region: String = "us-east-1",
        bucket: String = "studio", accessKey: String = "key", secretKey: String = "hush-hush"
    ) throws -> S3Configuration {
        try S3Configuration(
            endpoint: endpoint, publicEndpoint: publicEndpoint, region: region, bucket: bucket,
            accessKey: accessKey, secretKey: secretKey)
    }

    @Test func `usual ports are left out of the host header`() throws {
        #expect(try configuration(endpoint: "https://S3.example.com:443/").endpoint.authority == "s3.example.com")
        #expect(try configuration(endpoint: "http://[::1]:9000").endpoint.authority == "[::1]:9000")
        #expect(try configuration(endpoint: "http://localhost").endpoint.description == "http://localhost")
    }

    @Test func `without a public endpoint the endpoint is public`() throws {
        #expect(try configuration(publicEndpoint: "").publicEndpoint.description == "http://localhost:9000")
    }

    @Test(arguments: [
        "", "localhost:9000", "ftp://localhost", "http://", "http://user:pw@localhost", "http://localhost/bucket",
        "http://localhost?x=1", "http://local host", "http://localhost:0", "http://localhost:99999",
    ])
    func `an endpoint that is none is refused by name`(endpoint: String) {
        expectRefusal(naming: "S3_ENDPOINT") { try configuration(endpoint: endpoint) }
        if !endpoint.isEmpty {
            expectRefusal(naming: "S3_PUBLIC_ENDPOINT") { try configuration(publicEndpoint: endpoint) }
        }
    }

    @Test func `every other setting is refused by name`() {
        for bucket in ["", "ab", "Upper", "a_b_c", "-abc", "abc.", "a..b", "a/b", String(repeating: "a", count: 64)] {
            expectRefusal(naming: "S3_BUCKET") { try configuration(bucket: bucket) }
        }
        expectRefusal(naming: "S3_REGION") { try configuration(region: "") }
        expectRefusal(naming: "S3_ACCESS_KEY") { try configuration(accessKey: "") }
        expectRefusal(naming: "S3_SECRET_KEY") { try configuration(secretKey: "hush-hush\n") }
    }

    @Test func `the secret is never shown`() throws {
        let configuration = try configuration()
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(text.contains("studio"))
            #expect(!text.contains("hush-hush"))
        }
    }

    private func expectRefusal(naming name: String, _ make: () throws -> S3Configuration) {
        #expect {
            try make()
        } throws: { error in
            guard let error = error as? ObjectStoreError else { return false }
            return error.code == .invalidConfiguration && error.detail.hasPrefix("\(name): ")
                && !"\(error)".contains("hush-hush")
        }
    }
}
