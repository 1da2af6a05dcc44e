#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// A multipart upload that was neither completed nor aborted.
package struct MultipartUpload: Sendable, Equatable {
    package let key: String
    package let uploadID: String
    package let initiatedAt: Date?
}
