/// A key that the store did not delete, and why.
package struct DeletionFailure: Sendable, Equatable {
    package let key: String
    package let s3Code: String
    package let message: String
}
