package import HTTPTypes
package import StudioCore

/// An error that a client can act on: what it becomes on the wire, and nothing else.
package struct Problem: Error, Sendable {
    package var record: ProblemRecord
    /// Fields that the answer carries besides.
    var headers: HTTPFields = [:]

    package init(
        _ status: HTTPResponse.Status, code: String, detail: String, retryAfterSeconds: Int? = nil,
        errors: [ProblemRecord.Fault]? = nil
    ) {
        record = ProblemRecord(
            title: status.reasonPhrase, status: status.code, detail: detail, code: code,
            retryable: retryAfterSeconds != nil, retryAfterSeconds: retryAfterSeconds, errors: errors)
        if let retryAfterSeconds { headers[.retryAfter] = String(retryAfterSeconds) }
    }

    func with(_ name: HTTPField.Name, _ value: String) -> Problem {
        var copy = self
        copy.headers[name] = value
        return copy
    }
}
