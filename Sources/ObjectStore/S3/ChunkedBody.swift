import NIOCore

/// A body in the `aws-chunked` encoding: size, signature and bytes of each chunk, and an empty chunk at the end.
struct ChunkedBody<Bytes: AsyncSequence & Sendable>: AsyncSequence, Sendable where Bytes.Element == ByteBuffer {
    /// Bytes of every chunk but the last two.
    static var chunkSize: Int { 64 << 10 }

    let bytes: Bytes
    let signer: SigV4.ChunkSigner

    func makeAsyncIterator() -> Iterator { Iterator(bytes: bytes.makeAsyncIterator(), signer: signer) }

    /// Bytes on the wire for `size` bytes of content.
    static func encodedSize(of size: Int64) -> Int64 {
        let (full, rest) = size.quotientAndRemainder(dividingBy: Int64(chunkSize))
        return full * framed(chunkSize) + (rest > 0 ? framed(Int(rest)) : 0) + framed(0)
    }

    private static func framed(_ size: Int) -> Int64 {
        let signature = 64
        return Int64(String(size, radix: 16).utf8.count + ";chunk-signature=".utf8.count + signature + 2 + size + 2)
    }

    struct Iterator: AsyncIteratorProtocol {
        var bytes: Bytes.AsyncIterator
        var signer: SigV4.ChunkSigner
        private var gathered = ByteBuffer()
        private var isAtEnd = false

        init(bytes: Bytes.AsyncIterator, signer: SigV4.ChunkSigner) {
            self.bytes = bytes
            self.signer = signer
        }

        mutating func next() async throws -> ByteBuffer? { try await next(isolation: nil) }

        mutating func next(isolation actor: isolated (any Actor)?) async throws(any Error) -> ByteBuffer? {
            guard !isAtEnd else { return nil }
            while gathered.readableBytes < ChunkedBody.chunkSize,
                let buffer = try await bytes.next(isolation: actor)
            {
                gathered.discardReadBytes()
                gathered.writeImmutableBuffer(buffer)
            }
            let size = Swift.min(gathered.readableBytes, ChunkedBody.chunkSize)
            isAtEnd = size == 0
            let chunk = gathered.readSlice(length: size) ?? ByteBuffer()
            let signature = signer.sign(chunk: chunk.readableBytesView)
            var framed = ByteBuffer(string: "\(String(size, radix: 16));chunk-signature=\(signature)\r\n")
            framed.writeImmutableBuffer(chunk)
            framed.writeString("\r\n")
            return framed
        }
    }
}
