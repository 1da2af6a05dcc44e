import Subprocess
import Synchronization

/// Keeps the end of what a program writes, in bounded memory.
final class OutputTail: Sendable {
    /// A line longer than this is told in pieces, in bytes.
    static let lineBytesMax = 64 * 1_024
    /// Once the program has ended, so much more is read at most, in bytes: a pipe holds no more of what it wrote.
    private static let pipeBytesMax = 1_024 * 1_024

    private let bytesMax: Int
    private let bytes = Mutex<[UInt8]>([])

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    var text: String { bytes.withLock { String(decoding: $0.suffix(bytesMax), as: UTF8.self) } }

    /// Reads what the leader of `group` and its children write, to its end or, at the latest, soon after the leader's.
    func read(
        _ output: SubprocessOutputSequence, of group: ProcessGroup, _ onLine: (@Sendable (String) -> Void)? = nil
    ) async throws {
        var line: [UInt8] = []
        var bytesLeft = Self.pipeBytesMax
        func tellLine() {
            onLine?(String(decoding: line, as: UTF8.self))
            line.removeAll(keepingCapacity: true)
        }
        for try await buffer in output {
            let chunk = buffer.withUnsafeBytes { Array($0) }
            append(chunk)
            if onLine != nil {
                for byte in chunk {
                    if byte == UInt8(ascii: "\n") {
                        tellLine()
                    } else {
                        line.append(byte)
                        if line.count == Self.lineBytesMax { tellLine() }
                    }
                }
            }
            // What it left behind may write for ever, and has perhaps left the group: neither is waited for.
            if group.endIfLeaderHas() {
                bytesLeft -= chunk.count
                if bytesLeft <= 0 { break }
            }
        }
        if !line.isEmpty { tellLine() }
    }

    private func append(_ chunk: [UInt8]) {
        bytes.withLock { bytes in
            bytes += chunk
            if bytes.count > 2 * bytesMax { bytes.removeFirst(bytes.count - bytesMax) }
        }
    }
}
