import Foundation
import NIOCore
import SystemPackage

/// The bytes of a small file in buffers of an odd size.
struct OddBuffers: AsyncSequence, Sendable {
    let path: FilePath

    func makeAsyncIterator() -> Iterator { Iterator(path: path) }

    struct Iterator: AsyncIteratorProtocol {
        let path: FilePath
        private var left: Data?

        init(path: FilePath) { self.path = path }

        mutating func next() async throws -> ByteBuffer? {
            let data = try left ?? Data(contentsOf: URL(filePath: path.string))
            left = Data(data.dropFirst(9_999))
            return data.isEmpty ? nil : ByteBuffer(bytes: data.prefix(9_999))
        }
    }
}
