/// A file that the worker wants to upload.
package struct UploadDeclaration: Sendable, Hashable {
    package let name: String
    package let contentType: String
    package let size: Int64
    /// Lower-case hexadecimal.
    package let sha256: String

    package init(name: String, contentType: String, size: Int64, sha256: String) {
        self.name = name
        self.contentType = contentType
        self.size = size
        self.sha256 = sha256
    }
}
