package import StudioCore

/// What the runtime asks of the hub; every call has a deadline and throws ``HubError``.
package protocol HubCalling: Sendable {
    /// Asks for the task that a hint named.
    func claim(task: TaskID, attempt: Int) async throws -> ClaimAnswer

    /// Asks for signed requests to upload `files`; the answer is in their order.
    func grantUploads(_ name: AttemptName, token: String, files: [UploadDeclaration]) async throws -> [UploadGrant]

    /// Joins the parts of a large file; `etags` are in order, from part 1.
    func completeUpload(
        _ name: AttemptName, token: String, file: String, uploadID: String, etags: [String]
    ) async throws
}
