import AsyncHTTPClient
import NIOCore
import SystemPackage
import _NIOFileSystem

/// A range of an open file as a stream of buffers, read only as fast as it is consumed.
struct FileSlice: AsyncSequence, Sendable {
    /// Bytes in memory at a time.
    static let chunk = ByteCount.kibibytes(512)

    let handle: ReadFileHandle
    let range: Range<Int64>

    func makeAsyncIterator() -> Iterator { Iterator(handle: handle, range: range) }

    struct Iterator: AsyncIteratorProtocol {
        let handle: ReadFileHandle
        var range: Range<Int64>

        mutating func next() async throws -> ByteBuffer? {
            guard !range.isEmpty else { return nil }
            let length = ByteCount.bytes(Swift.min(FileSlice.chunk.bytes, Int64(range.count)))
            let buffer = try await handle.readChunk(fromAbsoluteOffset: range.lowerBound, length: length)
            guard buffer.readableBytes > 0 else {
                throw ObjectStoreError(.fileFailed, "the file became shorter while it was read")
            }
            range = (range.lowerBound + Int64(buffer.readableBytes))..<range.upperBound
            return buffer
        }
    }

    /// The slice as the body of a request of known length.
    var body: HTTPClientRequest.Body {
        range.isEmpty ? .bytes(ByteBuffer()) : .stream(self, length: .known(Int64(range.count)))
    }
}

/// Opens the regular file at `path` for `body`, which is told its size in bytes.
func withFile<Value: Sendable>(
    at path: FilePath,
    _ body: @escaping @Sendable @concurrent (_ handle: ReadFileHandle, _ size: Int64) async throws -> Value
) async throws -> Value {
    do {
        return try await FileSystem.shared.withFileHandle(
            forReadingAt: path, options: OpenOptions.Read(closeOnExec: true)
        ) { handle in
            let info = try await handle.info()
            guard info.type == .regular else {
                throw ObjectStoreError(.fileFailed, "\(path) is not a regular file")
            }
            return try await body(handle, info.size)
        }
    } catch {
        throw ObjectStoreError.wrapping(error, operation: "reading \(path)")
    }
}
