import Foundation
import Synchronization

/// One object which the store refuses to look up, on the way through a proxy.
///
/// The path of the request is changed, so that its signature does not fit.
final class RefusedObject: Sendable {
    private static let method = Array("HEAD ".utf8)
    private static let version = Array(" HTTP/1.1".utf8)

    private let state = Mutex<(path: String?, isHealed: Bool)>((nil, false))
    private let ending: String?

    /// - Parameter key: nil takes the first that is looked up.
    init(key: String? = nil) {
        ending = key
    }

    /// Where the refused object lies, with the bucket's name; nil until somebody has asked for it.
    var path: String? { state.withLock { $0.path } }

    /// From now on it is looked up like any other.
    func heal() { state.withLock { $0.isHealed = true } }

    /// A proxy to the store on this port that refuses the object.
    func proxy(to port: Int) throws -> FaultProxy {
        try FaultProxy(to: port) { { self.changed($0) } }
    }

    private func changed(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.starts(with: Self.method), let end = bytes.firstRange(of: Self.version)?.lowerBound else {
            return bytes
        }
        let path = String(decoding: bytes[Self.method.count..<end], as: UTF8.self)
        let isRefused = state.withLock { state in
            if state.path == nil, path.contains("/runs/"), path.hasSuffix(ending ?? "") { state.path = path }
            return path == state.path && !state.isHealed
        }
        guard isRefused else { return bytes }
        var bytes = bytes
        bytes[end - 1] = bytes[end - 1] == UInt8(ascii: "x") ? UInt8(ascii: "y") : UInt8(ascii: "x")
        return bytes
    }
}
