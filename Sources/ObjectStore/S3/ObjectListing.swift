/// Objects in the order of their keys, and where to go on.
package struct ObjectPage: Sendable {
    package let objects: [StoredObject]
    /// For the next call; nil at the end.
    package let continuation: String?
}

/// The objects under a prefix, in the order of their keys.
package struct ObjectListing: AsyncSequence, Sendable {
    package typealias Element = StoredObject
    let client: S3Client
    let prefix: String

    package func makeAsyncIterator() -> Iterator { Iterator(client: client, prefix: prefix) }

    package struct Iterator: AsyncIteratorProtocol {
        let client: S3Client
        let prefix: String
        private var waiting: ArraySlice<StoredObject> = []
        private var continuation: String?
        private var isAtEnd = false

        init(client: S3Client, prefix: String) {
            self.client = client
            self.prefix = prefix
        }

        package mutating func next() async throws -> StoredObject? {
            while waiting.isEmpty, !isAtEnd {
                let page = try await client.page(prefix: prefix, continuation: continuation)
                waiting = page.objects[...]
                // A token that does not move on would have us ask for ever.
                isAtEnd = page.continuation == nil || page.continuation == continuation
                continuation = page.continuation
            }
            return waiting.popFirst()
        }
    }
}
