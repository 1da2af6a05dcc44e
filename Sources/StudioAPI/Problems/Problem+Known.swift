import HTTPTypes
import StudioCore

extension Problem {
    static let unauthorized = Problem(
        .unauthorized, code: "unauthorized",
        detail: "The API key is missing or wrong: send `Authorization: Bearer <API_KEY>`."
    ).with(.wwwAuthenticate, "Bearer realm=\"ainern2d\"")

    static let noRoute = Problem(
        .notFound, code: "no_such_path", detail: "There is nothing at this path; the API begins at /v1.")

    static func methodNotAllowed(_ allowed: [HTTPRequest.Method]) -> Problem {
        let list = allowed.map(\.rawValue).sorted().joined(separator: ", ")
        return Problem(.methodNotAllowed, code: "method_not_allowed", detail: "This path knows only \(list).")
            .with(.allow, list)
    }

    static func notFound(_ noun: String) -> Problem {
        Problem(.notFound, code: "not_found", detail: "There is no \(noun) with this id.")
    }

    static func badRequest(_ code: String, _ detail: String) -> Problem {
        Problem(.badRequest, code: code, detail: detail)
    }

    static let bodyTooLarge = Problem(
        .contentTooLarge, code: "body_too_large",
        detail: "A body has at most \(APILimits.bodyMax >> 20) MiB: a film of more is split into several runs.")

    static let notJSON = Problem(
        .unsupportedMediaType, code: "unsupported_media_type",
        detail: "The body must be JSON: send `Content-Type: application/json`.")

    static let keyReused = Problem(
        .unprocessableContent, code: "idempotency_key_reused",
        detail: "This Idempotency-Key came before with another body: use a fresh key for a new request.")

    static let keyInFlight = Problem(
        .conflict, code: "idempotency_key_in_flight",
        detail: "A request with this Idempotency-Key is being answered: send it again in a moment.",
        retryAfterSeconds: 1)

    static func unexpectedBody(_ cure: String) -> Problem {
        Problem(.badRequest, code: "unexpected_body", detail: "This request takes no body, and has one: \(cure).")
    }

    static let tooManyWaiters = Problem(
        .serviceUnavailable, code: "too_many_waiters",
        detail: "At most \(APILimits.waitersMax) event streams and long polls are served at a time: try again later.",
        retryAfterSeconds: 5)

    static let unavailable = Problem(
        .serviceUnavailable, code: "unavailable", detail: "The database cannot be reached at the moment: try again.",
        retryAfterSeconds: 2)

    static let internalError = Problem(
        .internalServerError, code: "internal",
        detail: "Something went wrong on our side; the request id finds it in the log.")

    /// All faults of a run spec: 400 when it is no JSON, 413 when it is too large, else 422.
    init(_ faults: SpecFaults) {
        let errors = faults.faults.map {
            ProblemRecord.Fault(pointer: $0.pointer, code: $0.code.rawValue, detail: $0.detail)
        }
        let codes = Set(faults.faults.map(\.code))
        if codes.contains(.tooLarge) {
            self = .bodyTooLarge
        } else if codes.contains(.syntax) || codes.contains(.tooDeep) || faults.faults.first?.code == .duplicateKey {
            self.init(
                .badRequest, code: "malformed_json", detail: "The body is not a JSON document that can be read.",
                errors: errors)
        } else {
            let more = faults.omitted > 0 ? ", and \(faults.omitted) more" : ""
            let things = errors.count == 1 ? "1 thing is wrong" : "\(errors.count) things are wrong"
            self.init(
                .unprocessableContent, code: "invalid_run_spec", detail: "\(things) with the run spec\(more).",
                errors: errors)
        }
    }
}
