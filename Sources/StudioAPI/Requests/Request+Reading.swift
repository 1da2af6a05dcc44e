import HTTPTypes
import Hummingbird
import NIOCore
import StudioCore

extension Request {
    /// The JSON body.
    ///
    /// - Throws: ``Problem`` for another type or too many bytes; `SpecFaults` when it is no JSON.
    func json() async throws -> JSONValue {
        let type = headers[.contentType]?.split(separator: ";").first?.lowercased() ?? ""
        guard type.filter({ $0 != " " }) == "application/json" else { throw Problem.notJSON }
        if let length = headers[.contentLength].flatMap(Int.init), length > APILimits.bodyMax {
            throw Problem.bodyTooLarge
        }
        let body = try await body.collect(upTo: APILimits.bodyMax)
        return try JSONValue(parsing: body.readableBytesView)
    }

    /// Throws ``Problem`` when there is a body: what it says would be ignored.
    ///
    /// - Parameter cure: where to say it instead.
    func refuseBody(cure: String) async throws {
        for try await piece in body where piece.readableBytes > 0 { throw Problem.unexpectedBody(cure) }
    }

    /// Seconds of `Prefer: wait=…`, at most the limit; 0 when there is none.
    var preferredWaitSeconds: Int {
        for preference in (headers[.prefer] ?? "").split(separator: ",") {
            let parts = preference.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " } }
            guard parts.count == 2, parts[0].lowercased() == "wait", let seconds = Int(parts[1]), seconds > 0 else {
                continue
            }
            return min(seconds, APILimits.waitSecondsMax)
        }
        return 0
    }

    /// Whether the client asks for a stream of events rather than a document.
    var wantsEventStream: Bool {
        (headers[.accept] ?? "").lowercased().contains("text/event-stream")
    }
}

extension APIContext {
    /// The identifier in the path.
    ///
    /// - Throws: 404 also for what is no identifier at all.
    func identifier<Kind: IdentifierKind>(_ noun: String) throws -> Identifier<Kind> {
        guard let text = parameters.get("id"), let id = Identifier<Kind>(text) else { throw Problem.notFound(noun) }
        return id
    }
}
