/// Where the stack's services are and how to get in; holds secrets, so it is never logged.
package struct Endpoints: Sendable, Codable, Equatable {
    /// `postgresql://user:password@host:port/database`; nil when Postgres is not part of the stack.
    package var databaseURL: String?
    /// `amqp://user:password@host:port/vhost`; nil when RabbitMQ is not part of the stack.
    package var amqpURL: String?
    /// The object store; nil when it is not part of the stack.
    package var s3: ObjectStoreEndpoint?
    /// A program that runs `rabbitmqctl` against this stack's broker; nil when the broker is external.
    package var rabbitmqctl: String?

    package init(
        databaseURL: String? = nil, amqpURL: String? = nil, s3: ObjectStoreEndpoint? = nil, rabbitmqctl: String? = nil
    ) {
        self.databaseURL = databaseURL
        self.amqpURL = amqpURL
        self.s3 = s3
        self.rabbitmqctl = rabbitmqctl
    }

    /// Gives the variables that the programs and the integration tests read.
    package func environment() -> [String: String] {
        var variables: [String: String] = [:]
        variables["DATABASE_URL"] = databaseURL
        variables["AMQP_URL"] = amqpURL
        variables["RABBITMQCTL"] = rabbitmqctl
        variables["S3_ENDPOINT"] = s3?.endpoint
        variables["S3_BUCKET"] = s3?.bucket
        variables["S3_ACCESS_KEY"] = s3?.accessKey
        variables["S3_SECRET_KEY"] = s3?.secretKey
        variables["S3_REGION"] = s3?.region
        return variables
    }
}

/// Variables as a POSIX shell's `eval` takes them.
package enum ShellExports {
    /// Gives one line for each variable, sorted by name.
    package static func lines(_ variables: [String: String]) -> [String] {
        variables.sorted { $0.key < $1.key }.map { name, value in
            "export \(name)='\(value.replacing("'", with: "'\\''"))'"
        }
    }
}

/// An S3 bucket and the key pair that opens it.
package struct ObjectStoreEndpoint: Sendable, Codable, Equatable {
    /// The service's base URL, without a path.
    package var endpoint: String
    package var bucket: String
    package var accessKey: String
    package var secretKey: String
    package var region: String

    package init(endpoint: String, bucket: String, accessKey: String, secretKey: String, region: String) {
        self.endpoint = endpoint
        self.bucket = bucket
        self.accessKey = accessKey
        self.secretKey = secretKey
        self.region = region
    }
}
