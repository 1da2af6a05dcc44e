/// The database cannot be reached at the moment; the same call may succeed later.
package struct RepositoryUnavailable: Error, CustomStringConvertible {
    package let cause: any Error

    package init(cause: any Error) {
        self.cause = cause
    }

    package var description: String { "the database is not available (\(cause))" }
}
