#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// What the store knows of an object.
package struct StoredObject: Sendable, Equatable {
    package let key: String
    /// Bytes.
    package let size: Int64
    /// Lower-case hexadecimal; nil when the store keeps none, and in listings.
    package let sha256: String?
    /// Without its quotation marks.
    ///
    /// No hash of the content: of a multipart object it is something else.
    package let etag: String
    /// Nil in listings.
    package let contentType: String?
    package let modifiedAt: Date?

    package init(
        key: String, size: Int64, sha256: String?, etag: String, contentType: String?, modifiedAt: Date?
    ) {
        self.key = key
        self.size = size
        self.sha256 = sha256
        self.etag = etag
        self.contentType = contentType
        self.modifiedAt = modifiedAt
    }
}
