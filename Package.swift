// swift-tools-version: 6.2
import PackageDescription

// Libraries of others, by the name the sources import.
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let collections = Target.Dependency.product(name: "Collections", package: "swift-collections")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grpc = Target.Dependency.product(name: "GRPCCore", package: "grpc-swift-2")
let grpcProtobuf = Target.Dependency.product(name: "GRPCProtobuf", package: "grpc-swift-protobuf")
let grpcTransport = Target.Dependency.product(name: "GRPCNIOTransportHTTP2", package: "grpc-swift-nio-transport")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioFileSystem = Target.Dependency.product(name: "_NIOFileSystem", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let service: [Target.Dependency] = [logging, lifecycle]

// The import table of the architecture: a target may import what stands in its line and nothing else.
let package = Package(
    name: "ainern2d",
    platforms: [.macOS(.v26)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
        .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        // C libraries
        .systemLibrary(
            name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
        .systemLibrary(
            name: "CRabbitMQ", pkgConfig: "librabbitmq",
            providers: [.apt(["librabbitmq-dev"]), .brew(["rabbitmq-c"])]),

        // Drivers: know nothing of rendering, nor of each other
        .target(name: "BlockingIO"),
        .target(name: "Postgres", dependencies: ["CPostgres", "BlockingIO", collections, crypto] + service),
        .target(name: "AMQP", dependencies: ["CRabbitMQ", "BlockingIO", collections] + service),
        .target(
            name: "ObjectStore",
            dependencies: [asyncHTTPClient, crypto, logging, nioCore, nioFileSystem, nioHTTP1, system]),

        // What programs are made of
        .target(name: "ProgramSettings", dependencies: [configuration, nioCore]),
        .target(
            name: "ControlPlaneSettings", dependencies: ["ProgramSettings", "Postgres", "AMQP", "ObjectStore"]),
        .target(
            name: "Telemetry",
            dependencies: ["ProgramSettings", collections, hummingbird, metrics, nioCore] + service),
        .target(
            name: "ProgramMain",
            dependencies: ["ProgramSettings", "Telemetry", argumentParser, configuration, unixSignals] + service),
        .target(name: "ToolProcess", dependencies: [subprocess, system]),
        .target(name: "CrashPoint"),

        // The domain, and the wire
        .target(name: "StudioCore", dependencies: []),
        .target(name: "MediaFiles", dependencies: ["StudioCore", crypto, system]),
        .target(name: "StudioProto", dependencies: [grpc, grpcProtobuf, protobuf]),
        .target(
            name: "StudioStore", dependencies: ["StudioCore", "Postgres"],
            resources: [
                .embedInCode("Migrations/0001_runs.sql"), .embedInCode("Migrations/0002_workers.sql"),
                .embedInCode("Migrations/0003_control.sql"), .embedInCode("Migrations/0004_placement.sql"),
                .embedInCode("Migrations/0005_books.sql"),
            ]),

        // Use cases
        .target(
            name: "Orchestrator",
            dependencies: [
                "StudioCore", "StudioProto", "StudioStore", "AMQP", "ObjectStore", "CrashPoint", metrics, protobuf,
            ] + service),
        .target(
            name: "StudioAPI",
            dependencies: [
                "StudioCore", "StudioStore", "ObjectStore", "ProgramSettings", "Telemetry", "CrashPoint", hummingbird,
                httpTypes, metrics, nioCore, crypto,
            ] + service,
            resources: [.embedInCode("OpenAPI/openapi.json")]),
        .target(
            name: "WorkerHub",
            dependencies: [
                "StudioCore", "StudioProto", "StudioStore", "ProgramSettings", "AMQP", "ObjectStore", "CrashPoint",
                crypto, grpc, grpcTransport, metrics, nioCore, protobuf,
            ] + service),
        .target(
            name: "WorkerRuntime",
            dependencies: [
                "StudioCore", "StudioProto", "ProgramSettings", "ToolProcess", "MediaFiles", "AMQP", "ObjectStore",
                "CrashPoint", grpc, grpcProtobuf, grpcTransport, metrics, protobuf, system,
            ] + service,
            resources: [.embedInCode("Failures/signatures.json")]),
        .target(
            name: "Composition", dependencies: ["StudioCore", "MediaFiles", "ToolProcess", system]),
        .target(
            name: "StudioClient",
            dependencies: ["StudioCore", asyncHTTPClient, crypto, nioCore, nioHTTP1]),

        // For developers, and against mistakes
        .target(name: "DevStack", dependencies: ["ObjectStore", logging, subprocess, system]),
        .target(name: "Simulation", dependencies: ["StudioCore"]),
        .target(
            name: "Chaos",
            dependencies: [
                "StudioClient", "StudioCore", "StudioProto", "StudioStore", "WorkerHub", "Postgres", "AMQP",
                "ObjectStore", "BlockingIO", "DevStack", "Simulation", "CrashPoint", asyncHTTPClient, logging, nioCore,
                nioHTTP1, protobuf, subprocess, system,
            ]),

        // Programs: read configuration, build services, run them
        .executableTarget(
            name: "studio-api",
            dependencies: [
                "StudioAPI", "Orchestrator", "StudioStore", "StudioCore", "Postgres", "AMQP", "ObjectStore",
                "Telemetry", "ProgramMain", "ProgramSettings", "ControlPlaneSettings", argumentParser,
            ] + service),
        .executableTarget(
            name: "worker-hub",
            dependencies: [
                "WorkerHub", "StudioStore", "StudioCore", "Postgres", "AMQP", "ObjectStore", "Telemetry",
                "ProgramMain", "ProgramSettings", "ControlPlaneSettings", argumentParser,
            ] + service),
        .executableTarget(
            name: "worker-runtime",
            dependencies: [
                "WorkerRuntime", "StudioCore", "AMQP", "Telemetry", "ProgramMain", "ProgramSettings", argumentParser,
            ] + service),
        .executableTarget(
            name: "composer",
            dependencies: [
                "Composition", "WorkerRuntime", "StudioCore", "AMQP", "Telemetry", "ProgramMain", "ProgramSettings",
                argumentParser,
            ] + service),
        .executableTarget(
            name: "studio",
            dependencies: [
                "StudioClient", "StudioCore", "StudioStore", "Orchestrator", "Postgres", "ObjectStore", "DevStack",
                "Chaos", argumentParser, configuration, logging, subprocess, system, yams,
            ]),

        // Tests
        .testTarget(name: "BlockingIOTests", dependencies: ["BlockingIO"]),
        .testTarget(name: "PostgresTests", dependencies: ["Postgres"]),
        .testTarget(name: "AMQPTests", dependencies: ["AMQP"]),
        .testTarget(
            name: "ObjectStoreTests",
            dependencies: [
                "ObjectStore", asyncHTTPClient, crypto, logging, nioCore, nioFileSystem, nioHTTP1, system,
            ],
            exclude: ["Vectors"]),
        .testTarget(name: "ProgramSettingsTests", dependencies: ["ProgramSettings", nioCore]),
        .testTarget(
            name: "ControlPlaneSettingsTests", dependencies: ["ControlPlaneSettings", "ProgramSettings"]),
        .testTarget(name: "ProgramMainTests", dependencies: ["ProgramMain", "ProgramSettings"] + service),
        .testTarget(name: "TelemetryTests", dependencies: ["Telemetry", "ProgramSettings", hummingbirdTesting]),
        .testTarget(name: "StudioCoreTests", dependencies: ["StudioCore", yams]),
        .testTarget(name: "SimulationTests", dependencies: ["Simulation"]),
        .testTarget(
            name: "StudioAPITests",
            dependencies: ["StudioAPI", "StudioClient", "StudioCore", "ProgramSettings", hummingbirdTesting] + service),
        .testTarget(name: "StudioTests", dependencies: ["studio", "StudioClient", "StudioCore"]),
        .testTarget(
            name: "WorkerHubTests", dependencies: ["WorkerHub", "StudioCore", "StudioProto", "StudioStore", protobuf]),
        .testTarget(
            name: "WorkerRuntimeTests",
            dependencies: [
                "WorkerRuntime", "StudioCore", "StudioProto", "ProgramSettings", "AMQP", "ObjectStore", grpc,
                grpcTransport, protobuf, subprocess, system,
            ] + service),
        .testTarget(name: "CompositionTests", dependencies: ["Composition", "MediaFiles", "StudioCore"]),
        .testTarget(name: "ToolProcessTests", dependencies: ["ToolProcess", system]),
        .testTarget(name: "DevStackTests", dependencies: ["DevStack", system]),
        .testTarget(name: "ChaosTests", dependencies: ["Chaos", "Simulation", "StudioCore", system]),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "Postgres", "AMQP", "BlockingIO", "ObjectStore", "StudioCore", "StudioProto", "StudioStore",
                "Orchestrator", "StudioAPI", "WorkerHub", "WorkerRuntime", "ProgramSettings", "Composition",
                "StudioClient", "DevStack", "Chaos", "Simulation", asyncHTTPClient, crypto, hummingbirdTesting, nioCore,
                nioFileSystem, nioHTTP1, protobuf, subprocess, system,
            ] + service),
        .testTarget(name: "TidyTests", dependencies: [yams]),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .treatAllWarnings(as: .error),
    ]
    // The tests let ten thousand worlds live, which takes four minutes of both cores without the optimizer.
    if target.name == "Simulation" {
        target.swiftSettings?.append(.unsafeFlags(["-O"], .when(configuration: .debug)))
    }
}
