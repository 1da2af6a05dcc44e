import AsyncHTTPClient
import Crypto
import Foundation
import NIOCore
import NIOHTTP1
package import StudioCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension StudioClient {
    private static let downloadAttemptsMax = 4
    /// Longest time for one download.
    private static let downloadLimit = TimeAmount.hours(2)

    package func artifact(_ id: ArtifactID) async throws -> ArtifactRecord {
        try await transport.answer(to: Call(.GET, "/v1/artifacts/\(id)")).decode()
    }

    /// Writes an artifact's bytes to `path`, which is there as a whole, checked against its SHA-256, or not at all.
    ///
    /// Only an ordinary file is replaced; see ``DownloadTarget``.
    ///
    /// - Parameter progress: told how many bytes there are of how many.
    /// - Returns: what was written.
    @discardableResult
    package func download(
        _ id: ArtifactID, to path: String, progress: @Sendable (_ done: Int64, _ total: Int64) -> Void = { _, _ in }
    ) async throws -> ArtifactRecord {
        try DownloadTarget.check(path)
        let artifact = try await artifact(id)
        var attempt = 1
        while true {
            do {
                try await downloadOnce(artifact, to: path, progress: progress)
                return artifact
            } catch let error as StudioClientError where error.isTransient && attempt < Self.downloadAttemptsMax {
                try await Task.sleep(for: configuration.pause * (1 << attempt))
                attempt += 1
            }
        }
    }

    /// A link that gives the bytes of an artifact to anybody, for some minutes.
    package func link(to id: ArtifactID) async throws -> String {
        let answer = try await transport.answer(to: Call(.GET, "/v1/artifacts/\(id)/content"))
        guard let url = answer.headers.first(name: "location") else {
            throw StudioClientError(.malformed, "The server gave no link to the artifact.")
        }
        return url
    }

    private func downloadOnce(
        _ artifact: ArtifactRecord, to path: String, progress: (Int64, Int64) -> Void
    ) async throws {
        let draft = "\(path).\(UUID().uuidString.prefix(8)).part"
        guard FileManager.default.createFile(atPath: draft, contents: nil),
            let file = FileHandle(forWritingAtPath: draft)
        else { throw StudioClientError(.file, "\(draft) cannot be written: check that its directory is there.") }
        var isDone = false
        defer {
            try? file.close()
            if !isDone { try? FileManager.default.removeItem(atPath: draft) }
        }
        // Without the key: the store is somebody else.
        let request = HTTPClientRequest(url: try await link(to: artifact.id))
        var hash = SHA256()
        var done: Int64 = 0
        do {
            let response = try await transport.client.execute(request, timeout: Self.downloadLimit)
            guard response.status == .ok else {
                // A link is good for minutes; a fresh one may do.
                throw StudioClientError(.server, "The object store answered \(response.status.code).")
            }
            for try await bytes in response.body {
                let chunk = Data(bytes.readableBytesView)
                hash.update(data: chunk)
                try Self.write(chunk, to: file, draft)
                done += Int64(bytes.readableBytes)
                progress(done, artifact.bytes)
            }
        } catch {
            throw Transport.translated(error, url: "the object store")
        }
        let digest = hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        guard digest == artifact.sha256.lowercased() else {
            throw StudioClientError(.server, "The bytes that came are not those of \(artifact.name).")
        }
        do {
            try file.synchronize()
        } catch {
            throw StudioClientError(.file, "\(draft) cannot be written: \(error.localizedDescription)")
        }
        try DownloadTarget.check(path)
        guard rename(draft, path) == 0 else {
            throw StudioClientError(.file, "\(path) cannot be replaced: \(String(cString: strerror(errno)))")
        }
        isDone = true
    }

    private static func write(_ bytes: Data, to file: FileHandle, _ path: String) throws {
        do {
            try file.write(contentsOf: bytes)
        } catch {
            throw StudioClientError(.file, "\(path) cannot be written: \(error.localizedDescription)")
        }
    }
}
