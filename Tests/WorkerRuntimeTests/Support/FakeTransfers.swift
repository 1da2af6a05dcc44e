import Foundation
import ObjectStore
import Synchronization
import SystemPackage
import WorkerRuntime

/// An object store in memory: downloads give the request's URL as content, uploads are remembered.
final class FakeTransfers: FileTransferring {
    typealias Fault = @Sendable (_ url: String, _ call: Int) throws -> Void

    private struct State {
        var fault: Fault = { _, _ in }
        var calls = 0
        var stored: [String: Data] = [:]
        var isHeld = false
        var underway = 0
        var underwayMax = 0
    }

    private let state = Mutex(State())

    /// What was uploaded, by URL.
    var stored: [String: Data] { state.withLock { $0.stored } }
    /// The most transfers that were under way at the same time.
    var underwayMax: Int { state.withLock { $0.underwayMax } }

    /// Called before each transfer; what it throws is the transfer's failure.
    func failing(_ fault: @escaping Fault) { state.withLock { $0.fault = fault } }

    /// Whether uploads of whole files stand still.
    func hold(_ isHeld: Bool) { state.withLock { $0.isHeld = isHeld } }

    private func begin(_ url: String) throws {
        let (fault, call) = state.withLock { state in
            state.calls += 1
            state.underway += 1
            state.underwayMax = max(state.underwayMax, state.underway)
            return (state.fault, state.calls)
        }
        do { try fault(url, call) } catch {
            end()
            throw error
        }
    }

    private func end() { state.withLock { $0.underway -= 1 } }

    func fetch(_ request: PresignedRequest, to target: FilePath, size: Int64, sha256: String) async throws {
        try begin(request.url)
        defer { end() }
        await Task.yield()
        try Data(request.url.utf8).write(to: URL(filePath: target.string))
    }

    func send(_ file: FilePath, to request: PresignedRequest) async throws {
        try begin(request.url)
        defer { end() }
        while state.withLock({ $0.isHeld }) { try await Task.sleep(for: .milliseconds(2)) }
        let data = try Data(contentsOf: URL(filePath: file.string))
        state.withLock { $0.stored[request.url] = data }
    }

    func send(
        _ file: FilePath, parts: [(range: Range<Int64>, request: PresignedRequest)]
    ) async throws -> [String] {
        let data = try Data(contentsOf: URL(filePath: file.string))
        return try parts.map { part in
            try begin(part.request.url)
            defer { end() }
            let slice = data[Int(part.range.lowerBound)..<Int(part.range.upperBound)]
            state.withLock { $0.stored[part.request.url] = Data(slice) }
            return "etag-\(part.range)"
        }
    }
}
