import DevStack
import Foundation
import Testing

/// The services that a pipeline runs on: those of the environment, or in their place some that a test runs itself.
struct PipelineServices: Sendable {
    /// A server on which a database of its own is made for each pipeline.
    var databaseURL: String
    /// A broker on which a vhost of its own is made for each pipeline, unless it is the test's own.
    var amqpURL: String
    /// What runs `rabbitmqctl` against the broker; nil when the broker is the test's own, and used as it is.
    var rabbitmqctl: String?
    var s3: ObjectStoreEndpoint

    /// Reads the environment; a missing service fails the test.
    static func shared() throws -> PipelineServices {
        let environment = ProcessInfo.processInfo.environment
        func value(_ name: String) throws -> String {
            try #require(environment[name], "\(name) is unset: run the tests by `make test`")
        }
        return PipelineServices(
            databaseURL: try value("DATABASE_URL"), amqpURL: try value("AMQP_URL"),
            rabbitmqctl: try value("RABBITMQCTL"),
            s3: ObjectStoreEndpoint(
                endpoint: try value("S3_ENDPOINT"), bucket: try value("S3_BUCKET"),
                accessKey: try value("S3_ACCESS_KEY"), secretKey: try value("S3_SECRET_KEY"),
                region: environment["S3_REGION"] ?? "us-east-1"))
    }

    /// The URL with another path: another database of the server, another vhost of the broker.
    static func url(_ url: String, path: String) throws -> String {
        var components = try #require(URLComponents(string: url), "a service's URL cannot be read")
        components.percentEncodedPath = "/\(path)"
        return try #require(components.string)
    }
}
