/// How an upload under `If-None-Match: *` ended well.
package enum UploadOutcome: Sendable, Equatable {
    case stored(etag: String)
    /// Somebody, perhaps an earlier try of the same upload, wrote this key first; nothing was changed. The caller
    /// compares size and checksum.
    case alreadyThere
}
