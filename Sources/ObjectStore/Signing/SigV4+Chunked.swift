import Crypto

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

extension SigV4 {
    /// Stands for the payload's hash when the body comes in signed chunks.
    package static let streamingPayload = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
    /// The same, when signed trailing headers follow the body.
    package static let streamingPayloadWithTrailer = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"

    /// Signs the chunks of one body one after the other, each signature over the one before it.
    package struct ChunkSigner: Sendable {
        private let signer: SigV4
        private let date: Date
        private var previous: String

        /// - Parameter seed: the signature of the request's headers.
        package init(signer: SigV4, seed: String, at date: Date) {
            self.signer = signer
            self.date = date
            previous = seed
        }

        /// The signature of the next chunk; the body ends with a chunk of no bytes.
        package mutating func sign(chunk: some Sequence<UInt8>) -> String {
            let hash = Hexadecimal.encode(SHA256.hash(data: Array(chunk)))
            return sign("AWS4-HMAC-SHA256-PAYLOAD", [SigV4.emptyPayload, hash])
        }

        /// The signature of the trailing headers, after the last chunk; names lower-case, in the order they are sent.
        package mutating func sign(trailer: [(name: String, value: String)]) -> String {
            let text = trailer.map { "\($0.name):\($0.value)\n" }.joined()
            return sign("AWS4-HMAC-SHA256-TRAILER", [Hexadecimal.encode(SHA256.hash(data: Array(text.utf8)))])
        }

        private mutating func sign(_ kind: String, _ hashes: [String]) -> String {
            let time = SigningTime(date)
            let lines = [kind, time.stamp, signer.scope(at: time), previous] + hashes
            previous = signer.signature(of: lines.joined(separator: "\n"), at: date)
            return previous
        }
    }
}
