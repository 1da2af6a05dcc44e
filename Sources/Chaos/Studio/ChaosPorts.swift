import Foundation

/// Ports for programs that are killed and started again on the same ones.
enum ChaosPorts {
    /// Below those of outgoing connections, one of which could take the port of a program that is down.
    private static let range = 26_000..<31_000

    /// So many ports of 127.0.0.1 on which nobody listens.
    static func free(_ count: Int) throws -> [Int] {
        var ports: Set<Int> = []
        for _ in 0..<range.count where ports.count < count {
            let port = Int.random(in: range)
            if ProxySocket.isFree(port) { ports.insert(port) }
        }
        guard ports.count == count else { throw ChaosError("fewer than \(count) ports in \(range) are free") }
        return ports.sorted()
    }
}
