import Subprocess
import Synchronization

/// Keeps the end of what a program writes, in bounded memory.
final class OutputTail: Sendable {
    /// A line longer than this is told in pieces, in bytes.
    static let lineBytesMax = 64 * 1_024

    private let bytesMax: Int
    private let bytes = Mutex<[UInt8]>([])

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    var text: String { bytes.withLock { String(decoding: $0.suffix(bytesMax), as: UTF8.self) } }

    func read(_ output: SubprocessOutputSequence, _ onLine: (@Sendable (String) -> Void)? = nil) async throws {
        var line: [UInt8] = []
        func tellLine() {
            onLine?(String(decoding: line, as: UTF8.self))
            line.removeAll(keepingCapacity: true)
        }
        for try await buffer in output {
            let chunk = buffer.withUnsafeBytes { Array($0) }
            append(chunk)
            guard onLine != nil else { continue }
            for byte in chunk {
                if byte == UInt8(ascii: "\n") {
                    tellLine()
                } else {
                    line.append(byte)
                    if line.count == Self.lineBytesMax { tellLine() }
                }
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
