import Foundation
import ObjectStore
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
            // The file store behind S3 would give every object to whoever asks over HTTP.
            "-disableHttp",
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
                        // The volumes speak HTTP all the same: to those who sign, as S3 does.
                        "WEED_JWT_SIGNING_KEY": "write \(context.secrets.s3SecretKey)",
                        "WEED_JWT_SIGNING_READ_KEY": "read \(context.secrets.s3SecretKey)",
                        "WEED_JWT_FILER_SIGNING_KEY": "administer \(context.secrets.s3SecretKey)",
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

    /// Asks with the keys, as clients do: an answer also says that the bucket is there.
    func probe() async -> String? {
        let secrets = context.secrets
        let signer = SigV4(accessKey: secrets.s3AccessKey, secretKey: secrets.s3SecretKey, region: "us-east-1")
        let path = "/\(bucket)"
        let query = signer.presignedQuery(
            SigV4.Request(
                method: "GET", path: path, query: "list-type=2&max-keys=1", headers: [("host", "127.0.0.1:\(port)")]),
            payloadHash: SigV4.unsignedPayload, expires: 60, at: Date())
        guard let answer = await Probe.http(port: port, path: "\(path)?\(query)"), answer.status == 200 else {
            return nil
        }
        return answer.server?.split(separator: " ").last.map(String.init) ?? "unknown"
    }

    /// Removes the sockets that the server puts outside its directory, without a way to choose, and leaves behind.
    func cleanUp() {
        let ports = context.ports
        let sockets = [
            "s3-\(ports.s3)", "filer-\(ports.filer)", "s3-grpc-\(ports.s3RPC)", "master-grpc-\(ports.masterRPC)",
            "filer-grpc-\(ports.filerRPC)", "volume-grpc-\(ports.volumeRPC)", "admin-grpc-\(ports.adminRPC)",
        ]
        for socket in sockets { try? FileManager.default.removeItem(atPath: "/tmp/seaweedfs-\(socket).sock") }
    }
}
