/// What a look at the object store found and did.
package struct GarbageReport: Codable, Sendable, Hashable {
    /// Whether nothing was deleted, only counted.
    package let isDryRun: Bool
    /// Objects listed.
    package internal(set) var listed = 0
    /// Dead objects deleted, or to be deleted.
    package internal(set) var objects = 0
    package internal(set) var bytes: Int64 = 0
    /// Multipart uploads given up, or to be given up.
    package internal(set) var uploads = 0
    /// Old objects and uploads that the database knows nothing of; they are left alone.
    package internal(set) var unknown = 0
    /// Objects and uploads that the store did not delete; the next look finds them again.
    package internal(set) var failed = 0
    /// Whether it ended early, because it had deleted as much as one look may, or the program stops.
    package internal(set) var isPartial = false

    init(isDryRun: Bool) {
        self.isDryRun = isDryRun
    }

    private enum CodingKeys: String, CodingKey {
        case listed, objects, bytes, uploads, unknown, failed
        case isDryRun = "is_dry_run"
        case isPartial = "is_partial"
    }
}
