import Foundation
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// SeaweedFS as the S3 service.
struct ObjectStoreService: StackService {
    let name = ServiceName.s3
    let stopSignal = SIGTERM
    let stopGrace = Duration.seconds(6)

    private let context: StackContext
    private let server: FilePath

    init(_ context: StackContext) throws {
        self.context = context
        server = try context.locator.objectStore()
    }

    var port: Int { context.ports.s3 }
    var summary: String { "http://127.0.0.1:\(port), bucket \(bucket)" }
    var isFirstStart: Bool { !FileManager.default.fileExists(atPath: data.string) }

    private var bucket: String { context.configuration.bucket }
    private var directory: FilePath { context.directory("s3") }
    private var data: FilePath { directory.appending("data") }

    var plans: [LaunchPlan] {
        let ports = context.ports
        let numbers = [
            ("-s3.port", ports.s3), ("-s3.port.grpc", ports.s3RPC), ("-master.port", ports.master),
            ("-master.port.grpc", ports.masterRPC), ("-filer.port", ports.filer), ("-filer.port.grpc", ports.filerRPC),
            ("-volume.port", ports.volume), ("-volume.port.grpc", ports.volumeRPC), ("-admin.port", ports.admin),
            ("-admin.port.grpc", ports.adminRPC),
            // Catalogs of tables are not needed.
            ("-s3.port.iceberg", 0), ("-s3.port.lance", 0),
        ]
        let switches = [
            "-dir=\(data)", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-bucket=\(bucket)", "-webdav=false",
            "-admin.ui=false", "-master.telemetry=false", "-volume.preStopSeconds=0", "-s3.autoCreateBucket=false",
        ]
        return [
            LaunchPlan(
                name: name.rawValue, executable: server,
                arguments: ["-logtostderr=true", "mini"] + numbers.map { "\($0)=\($1)" } + switches,
                environment: context.environment(
                    home: directory,
                    [
                        "AWS_ACCESS_KEY_ID": context.secrets.s3AccessKey,
                        "AWS_SECRET_ACCESS_KEY": context.secrets.s3SecretKey,
                        // A soft limit: past it the collector works harder instead of letting the heap grow.
                        "GOMEMLIMIT": "256MiB",
                    ]),
                workingDirectory: directory, log: context.log(name.rawValue),
                exitFile: context.exitFile(name.rawValue), ports: numbers.map(\.1).filter { $0 > 0 })
        ]
    }

    func prepare() async throws {
        let files = FileManager.default
        try files.createDirectory(
            atPath: data.string, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        // The server writes its options there at its first start and reads them at the next; ours may have changed.
        try? files.removeItem(atPath: data.appending("mini.options").string)
    }

    /// The bucket's directory in the file store behind S3 tells what an unsigned S3 request cannot: that it exists.
    func probe() async -> String? {
        guard let answer = await Probe.http(port: port, path: "/healthz"), answer.status == 200,
            let bucket = await Probe.http(port: context.ports.filer, path: "/buckets/\(bucket)/"),
            bucket.status == 200
        else { return nil }
        return bucket.server?.split(separator: " ").last.map(String.init) ?? "unknown"
    }
}
