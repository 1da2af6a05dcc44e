import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging
import StudioCore

extension HTTPField.Name {
    static let requestID = literal("Request-Id")
    static let idempotencyKey = literal("Idempotency-Key")
    static let idempotencyReplayed = literal("Idempotency-Replayed")
    static let lastEventID = literal("Last-Event-ID")
    static let prefer = literal("Prefer")
    static let preferenceApplied = literal("Preference-Applied")
    static let accelBuffering = literal("X-Accel-Buffering")

    private static func literal(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("not the name of a header field: \(name)") }
        return name
    }
}

/// Gives every request an id, the caller's own where it is one, and every answer the same.
struct RequestIDMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: APIContext, next: @concurrent (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        let own = request.headers[.requestID].flatMap(Self.accepted)
        context.requestID = own ?? UUID.version7().uuidString.lowercased()
        context.logger[metadataKey: "request.id"] = "\(context.requestID)"
        var response = try await next(request, context)
        response.headers[.requestID] = context.requestID
        response.headers[.xContentTypeOptions] = "nosniff"
        return response
    }

    /// Letters, digits, `-`, `_`, `.` only: it goes into headers and logs.
    static func accepted(_ text: String) -> String? {
        let fits = (1...APILimits.requestIDMax).contains(text.utf8.count)
        let plain = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
        }
        return fits && plain ? text : nil
    }
}
