import Postgres

extension RunStore {
    /// Whether the database is at fault and not the call: the same one may succeed later.
    package func isUnavailable(_ error: any Error) -> Bool {
        guard let error = error as? PostgresError else { return false }
        switch error.code {
        // Nobody waits for the answer any more, the program ends, or the commit was not answered.
        case .cancelled, .closed, .outcomeUnknown: return true
        default: return error.isTransient
        }
    }
}
