package import ObjectStore

/// How one declared file may be uploaded.
package enum UploadGrant: Sendable {
    case single(PresignedRequest)
    /// Every part has `partSize` bytes but the last.
    case multipart(uploadID: String, partSize: Int64, parts: [PresignedRequest])
}
