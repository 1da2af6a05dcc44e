import Foundation

/// Services that somebody else runs, named by the variables that the programs read as well.
package struct ExternalServices: Sendable, Equatable {
    package var databaseURL: String?
    package var amqpURL: String?
    package var s3: ObjectStoreEndpoint?

    package init(databaseURL: String? = nil, amqpURL: String? = nil, s3: ObjectStoreEndpoint? = nil) {
        self.databaseURL = databaseURL
        self.amqpURL = amqpURL
        self.s3 = s3
    }

    /// Reads `DATABASE_URL`, `AMQP_URL` and `S3_ENDPOINT` with its companions.
    ///
    /// - Throws: ``StackError`` with `configuration` when `S3_ENDPOINT` stands without its bucket or keys.
    package init(environment: [String: String]) throws {
        func value(_ name: String) -> String? {
            environment[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        databaseURL = value("DATABASE_URL")
        amqpURL = value("AMQP_URL")
        guard let endpoint = value("S3_ENDPOINT") else { return }
        let missing = ["S3_BUCKET", "S3_ACCESS_KEY", "S3_SECRET_KEY"].filter { value($0) == nil }
        guard let bucket = value("S3_BUCKET"), let access = value("S3_ACCESS_KEY"), let secret = value("S3_SECRET_KEY")
        else {
            throw StackError(
                .configuration, "S3_ENDPOINT is set, but \(missing.joined(separator: ", ")) is not.",
                cure: "Set all of them, or unset S3_ENDPOINT to use the stack's own object store.")
        }
        s3 = ObjectStoreEndpoint(
            endpoint: endpoint, bucket: bucket, accessKey: access, secretKey: secret,
            region: value("S3_REGION") ?? "us-east-1")
    }

    /// The services that are still external when those that point at `own` are taken for the stack's own.
    ///
    /// A shell that has evaluated the stack's own variables must not turn the stack into its own client.
    func excluding(_ own: Endpoints) -> ExternalServices {
        ExternalServices(
            databaseURL: databaseURL == own.databaseURL ? nil : databaseURL,
            amqpURL: amqpURL == own.amqpURL ? nil : amqpURL,
            s3: s3?.endpoint == own.s3?.endpoint ? nil : s3)
    }

    /// Whether a service of this name runs elsewhere.
    func contains(_ name: ServiceName) -> Bool { url(of: name) != nil }

    /// The URL under which an external service should answer.
    func url(of name: ServiceName) -> String? {
        switch name {
        case .postgres: databaseURL
        case .rabbitmq: amqpURL
        case .s3: s3?.endpoint
        }
    }
}
