import GRPCCore

extension HubError {
    /// Translates what a call threw; cancellation of the caller stays what it is.
    static func translate(_ error: any Error) -> any Error {
        if error is CancellationError || Task.isCancelled { return CancellationError() }
        guard let error = error as? RPCError else {
            return HubError(.unavailable, "the call failed", cause: error)
        }
        let code: Code =
            switch error.code {
            case .unauthenticated: .refused
            case .permissionDenied, .failedPrecondition, .notFound: .fenced
            case .aborted: .canceled
            case .invalidArgument, .unimplemented, .outOfRange: .invalid
            default: .unavailable
            }
        return HubError(code, "\(error.code): \(error.message)", cause: error)
    }
}
