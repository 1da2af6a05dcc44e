package import AsyncHTTPClient
package import Logging
import NIOHTTP1
package import SystemPackage

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Moves files between this machine's disk and presigned requests; holds no keys, and memory that does not grow with
/// the files.
///
/// Every method throws `ObjectStoreError`, or `CancellationError` when its task is cancelled.
package struct TransferClient: Sendable {
    let transport: Transport
    let policy: RetryPolicy
    let logger: Logger

    /// - Parameter httpClient: nil takes one that the whole process shares; see `HTTPClient.Configuration.transfers`.
    package init(httpClient: HTTPClient? = nil, retry policy: RetryPolicy = .standard, logger: Logger) {
        transport = Transport(client: httpClient ?? .transfers)
        self.policy = policy
        self.logger = logger
    }

    /// Sends the file as the body of `request`, again and again while failures are transient.
    ///
    /// - Parameter deadline: throws `.timeout` when it passes first.
    /// - Returns: `.alreadyThere` when the store answers 412 to the request's `If-None-Match`.
    @concurrent
    package func upload(
        file: FilePath, to request: PresignedRequest, deadline: ContinuousClock.Instant? = nil
    ) async throws -> UploadOutcome {
        let log = TransferLog(logger: logger, operation: "upload of \(file.lastComponent?.string ?? "a file")")
        return try await before(deadline, operation: log.operation) {
            do {
                let etag = try await withFile(at: file) { handle, size in
                    try await send(FileSlice(handle: handle, range: 0..<size), to: request, log: log)
                }
                return .stored(etag: etag)
            } catch let error as ObjectStoreError where error.code == .preconditionFailed {
                return .alreadyThere
            }
        }
    }

    /// Sends ranges of the file as the parts of a multipart upload, several at a time, each tried again by itself.
    ///
    /// - Parameters:
    ///   - parts: ranges in bytes with the request for each; the part number is the one in the request's URL.
    ///   - concurrency: parts on their way at the same time, 1 or more.
    /// - Returns: what the completion of the upload needs, by part number.
    @concurrent
    package func uploadParts(
        file: FilePath, parts: [(range: Range<Int64>, request: PresignedRequest)],
        concurrency: Int = PartPlan.concurrency, deadline: ContinuousClock.Instant? = nil
    ) async throws -> [(number: Int, etag: String)] {
        let name = file.lastComponent?.string ?? "a file"
        return try await before(deadline, operation: "upload of \(name)") {
            try await withFile(at: file) { handle, size in
                try await parts.mapConcurrently(limit: concurrency) { part in
                    guard part.range.upperBound <= size else {
                        throw ObjectStoreError(.invalidRequest, "\(name) has \(size) bytes, less than its parts")
                    }
                    let number = try part.request.partNumber
                    let log = TransferLog(logger: logger, operation: "upload of part \(number) of \(name)")
                    let slice = FileSlice(handle: handle, range: part.range)
                    return (number, try await send(slice, to: part.request, log: log))
                }.sorted { $0.number < $1.number }
            }
        }
    }

    /// Fetches `request` into the file `target`, which appears in one step and only when it is what was expected.
    ///
    /// A transfer that breaks goes on from where it stopped. Several may run at the same time, also to one target.
    ///
    /// - Parameters:
    ///   - expectedSHA256: hexadecimal; otherwise `.checksumMismatch` and nothing is left on disk.
    ///   - expectedSize: in bytes; the same.
    @concurrent
    @discardableResult
    package func download(
        _ request: PresignedRequest, to target: FilePath, expectedSHA256: String? = nil, expectedSize: Int64? = nil,
        deadline: ContinuousClock.Instant? = nil
    ) async throws -> DownloadedFile {
        let name = target.lastComponent?.string ?? "a file"
        let download = Download(
            transport: transport, policy: policy, log: TransferLog(logger: logger, operation: "download of \(name)"),
            target: target, expectedSize: expectedSize, expectedSHA256: expectedSHA256,
            request: { range in
                var request = request.httpRequest
                if let range { request.headers.replaceOrAdd(name: "range", value: range) }
                return request
            })
        return try await before(deadline, operation: download.log.operation) { try await download.run() }
    }

    /// The same, for a URL that needs no headers.
    @concurrent
    @discardableResult
    package func download(
        url: String, to target: FilePath, expectedSHA256: String? = nil, expectedSize: Int64? = nil,
        deadline: ContinuousClock.Instant? = nil
    ) async throws -> DownloadedFile {
        let request = PresignedRequest(method: "GET", url: url, headers: [:], expiresAt: .distantFuture)
        return try await download(
            request, to: target, expectedSHA256: expectedSHA256, expectedSize: expectedSize, deadline: deadline)
    }

    /// Returns the entity tag that the store gave.
    private func send(_ slice: FileSlice, to request: PresignedRequest, log: TransferLog) async throws -> String {
        if let length = request.headers["content-length"], length != String(slice.range.count) {
            throw ObjectStoreError(
                .invalidRequest, "\(log.operation): \(slice.range.count) bytes, but \(length) were granted")
        }
        return try await policy.run(logging: log) { attempt in
            // The first try goes out whatever this machine's clock says: the store's decides.
            if attempt > 1, request.expiresAt < .now {
                throw ObjectStoreError(.expired, "\(log.operation): the grant expired before it succeeded")
            }
            var message = request.httpRequest
            message.body = slice.body
            let reply = try await transport.success(of: message, operation: log.operation)
            return reply.etag ?? ""
        }
    }
}

extension PresignedRequest {
    var httpRequest: HTTPClientRequest {
        var request = HTTPClientRequest(url: url)
        request.method = HTTPMethod(rawValue: method)
        for (name, value) in headers where name != "host" { request.headers.add(name: name, value: value) }
        return request
    }

    /// The part of a multipart upload that this request is for.
    var partNumber: Int {
        get throws {
            let query = url.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
            let parameter = query.split(separator: "&").first { $0.hasPrefix("partNumber=") }
            guard let number = parameter.flatMap({ Int($0.dropFirst("partNumber=".count)) }) else {
                throw ObjectStoreError(.invalidRequest, "the presigned request is not for a part")
            }
            return number
        }
    }
}
