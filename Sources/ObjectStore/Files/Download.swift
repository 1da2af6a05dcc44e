import AsyncHTTPClient
import Logging
import NIOCore
import NIOHTTP1
import SystemPackage

/// One object on its way to one file: goes on where a broken transfer stopped, verifies, then appears in one step.
struct Download: Sendable {
    /// Most times that a transfer which does make progress is resumed.
    static let resumptionLimit = 100

    let transport: Transport
    let policy: RetryPolicy
    let log: TransferLog
    let target: FilePath
    /// Bytes of the object that are wanted; nil takes all.
    var range: Range<Int64>?
    var expectedSize: Int64?
    /// Hexadecimal, in either case.
    var expectedSHA256: String?
    /// A fresh, authorised GET; the argument is the value for its `range` header, to be signed or just sent.
    let request: @Sendable (_ range: String?) throws -> HTTPClientRequest

    private var wantedSize: Int64? { range.map { Int64($0.count) } ?? expectedSize }

    func run() async throws -> DownloadedFile {
        if range?.isEmpty == true { throw ObjectStoreError(.invalidRequest, "\(log.operation): an empty range") }
        return try await PartialFile.replacing(target, operation: log.operation) { file in
            try await fill(&file)
            let size = file.size
            let sha256 = try await file.finish()
            try verify(size: size, sha256: sha256)
            return DownloadedFile(size: size, sha256: sha256)
        }
    }

    /// Takes answer after answer until the object is complete.
    private func fill(_ file: inout PartialFile) async throws {
        var etag: String?
        var failures = 0
        var resumptions = 0
        while true {
            let before = file.size
            do {
                return try await takeAnswer(into: &file, etag: &etag)
            } catch {
                guard let error = ObjectStoreError.wrapping(error, operation: log.operation) as? ObjectStoreError,
                    error.isTransient
                else { throw error }
                failures = file.size > before ? 1 : failures + 1
                resumptions += 1
                guard failures < policy.attempts, resumptions <= Self.resumptionLimit else { throw error }
                log.resuming(after: error, at: file.size)
                let delay = max(policy.delay(after: failures), error.retryAfter ?? .zero)
                try await ContinuousClock().sleep(for: delay)
            }
        }
    }

    private func takeAnswer(into file: inout PartialFile, etag: inout String?) async throws {
        let request = try nextRequest(at: file.size, etag: etag)
        let response = try await transport.client.execute(request, deadline: .distantFuture)
        guard response.status == .ok || response.status == .partialContent else {
            throw ObjectStoreError(refusal: try await Transport.collect(response), operation: log.operation)
        }
        // Not by the status: rclone's server sends a range under 200.
        if let answered = response.headers.first(name: "content-range") {
            try checkStart(of: answered, offset: (range?.lowerBound ?? 0) + file.size)
        } else {
            guard range == nil else {
                throw ObjectStoreError(.malformedResponse, "\(log.operation): the store sent more than the range")
            }
            // The store knows no ranges, and begins again.
            if file.size > 0 { try await file.restart() }
        }
        let end = response.headers.first(name: "content-length").flatMap(Int64.init).map { file.size + $0 }
        etag = response.headers.first(name: "etag") ?? etag
        for try await buffer in response.body {
            if let wantedSize, file.size + Int64(buffer.readableBytes) > wantedSize {
                throw ObjectStoreError(
                    .checksumMismatch, "\(log.operation): the object is longer than the \(wantedSize) bytes expected")
            }
            try await file.append(buffer)
        }
        if let end, file.size < end {
            throw ObjectStoreError(.unreachable, "\(log.operation): the connection was lost after \(file.size) bytes")
        }
    }

    private func nextRequest(at offset: Int64, etag: String?) throws -> HTTPClientRequest {
        let header: String? =
            if let range {
                "bytes=\(range.lowerBound + offset)-\(range.upperBound - 1)"
            } else {
                offset > 0 ? "bytes=\(offset)-" : nil
            }
        var request = try request(header)
        // A second half of another version must not be put behind the first half of this one.
        if offset > 0, let etag { request.headers.replaceOrAdd(name: "if-match", value: etag) }
        return request
    }

    private func checkStart(of header: String, offset: Int64) throws {
        guard header.hasPrefix("bytes \(offset)-") else {
            throw ObjectStoreError(
                .malformedResponse, "\(log.operation): asked from byte \(offset), got \"\(header.prefix(60))\"")
        }
    }

    private func verify(size: Int64, sha256: String) throws {
        if let wantedSize, size != wantedSize {
            throw ObjectStoreError(
                .checksumMismatch, "\(log.operation): \(size) bytes came, \(wantedSize) were expected")
        }
        if let expectedSHA256, sha256 != expectedSHA256.lowercased() {
            throw ObjectStoreError(
                .checksumMismatch, "\(log.operation): SHA-256 is \(sha256), expected \(expectedSHA256.lowercased())")
        }
    }
}
