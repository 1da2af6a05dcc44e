import Foundation
import Logging
import ObjectStore
import SystemPackage

/// A key prefix of the real store and a folder of this machine, for one test.
struct ObjectStoreBench: Sendable {
    struct MissingVariable: Error { let name: String }

    let endpoint: String
    let bucket: String
    let accessKey: String
    let secretKey: String
    let region: String
    let prefix = "test-\(UUID().uuidString.lowercased())/"
    let folder: FilePath
    let client: S3Client
    let transfers: TransferClient

    static let logger = Logger(label: "objectstore-test") { _ in SwiftLogNoOpLogHandler() }

    /// Quick to give up, so that tests of failures are quick too.
    static let retry = RetryPolicy(attempts: 4, base: .milliseconds(20), cap: .milliseconds(100))

    private init() throws {
        func variable(_ name: String) throws -> String {
            guard let value = ProcessInfo.processInfo.environment[name], !value.isEmpty else {
                throw MissingVariable(name: name)
            }
            return value
        }
        endpoint = try variable("S3_ENDPOINT")
        bucket = try variable("S3_BUCKET")
        accessKey = try variable("S3_ACCESS_KEY")
        secretKey = try variable("S3_SECRET_KEY")
        region = try variable("S3_REGION")
        folder = FilePath(FileManager.default.temporaryDirectory.appending(path: "objectstore-\(UUID())").path)
        let configuration = try S3Configuration(
            endpoint: endpoint, region: region, bucket: bucket, accessKey: accessKey, secretKey: secretKey)
        client = S3Client(configuration: configuration, retry: Self.retry, logger: Self.logger)
        transfers = TransferClient(retry: Self.retry, logger: Self.logger)
    }

    /// Makes a bench, and removes its files and objects afterwards.
    static func use(_ body: (ObjectStoreBench) async throws -> Void) async throws {
        let bench = try ObjectStoreBench()
        try FileManager.default.createDirectory(atPath: bench.folder.string, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: bench.folder.string) }
        do {
            try await body(bench)
        } catch {
            try? await bench.clear()
            throw error
        }
        try await bench.clear()
    }

    private func clear() async throws {
        var keys: [String] = []
        for try await object in client.list(prefix: prefix) { keys.append(object.key) }
        if !keys.isEmpty { try await client.delete(keys: keys) }
    }

    /// The same store through other settings.
    func client(
        endpoint: String? = nil, bucket: String? = nil, accessKey: String? = nil, secretKey: String? = nil,
        retry: RetryPolicy = Self.retry, clockOffset: TimeInterval = 0
    ) throws -> S3Client {
        let configuration = try S3Configuration(
            endpoint: endpoint ?? self.endpoint, region: region, bucket: bucket ?? self.bucket,
            accessKey: accessKey ?? self.accessKey, secretKey: secretKey ?? self.secretKey)
        return S3Client(
            configuration: configuration, retry: retry, logger: Self.logger, now: { .now + clockOffset })
    }

    /// Writes a file of `size` bytes that look random and are the same for the same `seed`.
    func makeFile(_ name: String, size: Int, seed: UInt64 = 1) throws -> FilePath {
        let path = folder.appending(name)
        let descriptor = try FileDescriptor.open(
            path, .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite)
        try descriptor.closeAfter {
            var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
            var words = [UInt64](repeating: 0, count: 64 << 10)
            for index in words.indices {
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                words[index] = state
            }
            var left = size
            while left > 0 {
                // Enough that no two blocks are the same.
                words[0] &+= 1
                try words.withUnsafeBytes { bytes in
                    left -= try descriptor.writeAll(UnsafeRawBufferPointer(rebasing: bytes[..<min(left, bytes.count)]))
                }
            }
        }
        return path
    }

    func text(of name: String) throws -> String {
        try String(contentsOfFile: folder.appending(name).string, encoding: .utf8)
    }

    /// Names of the files in the bench's folder.
    var files: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: folder.string).sorted() }
    }
}
