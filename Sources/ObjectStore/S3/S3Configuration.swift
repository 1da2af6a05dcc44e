/// What it takes to reach one bucket.
///
/// The programs read it from `S3_ENDPOINT`, `S3_PUBLIC_ENDPOINT`, `S3_REGION`, `S3_BUCKET`, `S3_ACCESS_KEY` and
/// `S3_SECRET_KEY`.
package struct S3Configuration: Sendable {
    /// Where this process reaches the store.
    package let endpoint: S3Endpoint
    /// Where the holders of presigned URLs reach it.
    package let publicEndpoint: S3Endpoint
    package let region: String
    package let bucket: String
    package let accessKey: String
    /// Whether the bucket stands in the path (most stores of one's own) or is a label of the host.
    package let pathStyle: Bool
    let signer: SigV4

    /// Validates the settings.
    ///
    /// - Parameters:
    ///   - endpoint: such as `http://127.0.0.1:9000`.
    ///   - publicEndpoint: nil when it is the same.
    /// - Throws: `.invalidConfiguration`, with a detail such as "S3_BUCKET: must …".
    package init(
        endpoint: String, publicEndpoint: String? = nil, region: String = "us-east-1", bucket: String,
        accessKey: String, secretKey: String, sessionToken: String? = nil, pathStyle: Bool = true
    ) throws(ObjectStoreError) {
        let own = try S3Endpoint(endpoint, name: "S3_ENDPOINT")
        self.endpoint = own
        if let publicEndpoint, !publicEndpoint.isEmpty {
            self.publicEndpoint = try S3Endpoint(publicEndpoint, name: "S3_PUBLIC_ENDPOINT")
        } else {
            self.publicEndpoint = own
        }
        try Self.check(!region.isEmpty && region.isPlain, "S3_REGION: must be such as us-east-1")
        try Self.check(
            Self.isBucketName(bucket),
            "S3_BUCKET: must have 3 to 63 lower-case letters, digits, dots and hyphens")
        try Self.check(!accessKey.isEmpty && accessKey.isPlain, "S3_ACCESS_KEY: is empty or malformed")
        try Self.check(!secretKey.isEmpty && secretKey.isPlain, "S3_SECRET_KEY: is empty or malformed")
        self.region = region
        self.bucket = bucket
        self.accessKey = accessKey
        self.pathStyle = pathStyle
        signer = SigV4(accessKey: accessKey, secretKey: secretKey, sessionToken: sessionToken, region: region)
    }

    private static func check(_ holds: Bool, _ detail: String) throws(ObjectStoreError) {
        guard holds else { throw ObjectStoreError(.invalidConfiguration, detail) }
    }

    private static func isBucketName(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let isAlphanumeric = { (byte: UInt8) in letters.contains(byte) || digits.contains(byte) }
        guard (3...63).contains(bytes.count), let first = bytes.first, let last = bytes.last else { return false }
        return isAlphanumeric(first) && isAlphanumeric(last) && !name.contains("..")
            && bytes.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
    }
}

extension S3Configuration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Without the secret key.
    package var description: String {
        "S3Configuration(endpoint: \(endpoint), publicEndpoint: \(publicEndpoint), region: \(region), "
            + "bucket: \(bucket), accessKey: \(accessKey), secretKey: [redacted], pathStyle: \(pathStyle))"
    }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}

extension String {
    /// Printable ASCII without blanks: what may stand in a credential.
    fileprivate var isPlain: Bool { utf8.allSatisfy { (0x21...0x7E).contains($0) } }
}
