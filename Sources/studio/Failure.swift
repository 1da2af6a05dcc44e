import StudioClient

/// The end of a command that did not do what was asked.
struct Failure: Error {
    enum Code: Int32 {
        case error = 1
        case usage = 2
        case runFailed = 3
        case unauthorized = 4
        case notFound = 5
        case conflict = 6
        case canceled = 7
        case timedOut = 8
        case interrupted = 130
    }

    let code: Code
    /// What happened and what cures it; empty when it has been told already.
    let message: String

    init(_ code: Code, _ message: String = "") {
        self.code = code
        self.message = message
    }

    init(_ error: StudioClientError) {
        switch error.code {
        case .unauthorized:
            self.init(
                .unauthorized, "The server refused the API key.\n→ Set API_KEY to the key that studio-api runs with.")
        case .notFound: self.init(.notFound, error.description)
        case .conflict: self.init(.conflict, error.description)
        case .unreachable:
            self.init(.error, "\(error)\n→ Start a local one with `studio dev up`, or set STUDIO_URL to another.")
        case .timeout, .refused, .server, .malformed, .file: self.init(.error, error.description)
        }
    }
}
