import HTTPTypes
import Hummingbird
import Logging
import StudioCore

/// What happens in a run: as a stream, or as pages of the same log.
struct EventRoutes: Sendable {
    let configuration: APIConfiguration
    let repository: any RunRepository
    let gate: WaiterGate

    func add(to table: inout RouteTable) {
        table.get("/v1/runs/{id}/events", events)
    }

    private func events(_ request: Request, _ context: APIContext) async throws -> Response {
        let id: RunID = try context.identifier("run")
        return request.wantsEventStream
            ? try await stream(id, request, context) : try await page(id, request)
    }

    private func page(_ id: RunID, _ request: Request) async throws -> Response {
        var query = QueryReader(request)
        let limit = query.limit()
        let after = query.cursor(of: Int64.self) ?? query.integer("after", in: 0...Int64.max) ?? 0
        // Read, so that it is known, also beside a cursor.
        _ = query.integer("after", in: 0...Int64.max)
        try query.finish()
        let tenant = configuration.tenant
        guard try await repository.run(id, tenant: tenant) != nil else { throw Problem.notFound("run") }
        let rows = try await repository.events(of: id, after: after, limit: limit + 1, tenant: tenant)
        let page = Page(overfetched: rows, limit: limit)
        return try .document(RecordList(page, position: \.sequence), for: request)
    }

    private func stream(_ id: RunID, _ request: Request, _ context: APIContext) async throws -> Response {
        var query = QueryReader(request)
        try query.finish()
        let tenant = configuration.tenant
        guard let run = try await repository.run(id, tenant: tenant) else { throw Problem.notFound("run") }
        let feed = RunEventFeed(
            run: id, tenant: tenant, repository: repository, timing: configuration.timing,
            start: RunEventFeed.Start(lastEventID: request.headers[.lastEventID], newest: run.lastEvent))
        let gate = gate
        try gate.enter()
        let lease = WaiterLease(gate)
        let logger = context.logger
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/event-stream", .cacheControl: "no-store", .accelBuffering: "no",
            ],
            body: ResponseBody { writer in
                // Given back when the response is dropped, whether its body was ever written or not.
                defer { withExtendedLifetime(lease) {} }
                do {
                    var feed = feed
                    while let piece = try await feed.next() { try await writer.write(piece) }
                } catch is CancellationError {
                } catch {
                    // The head is sent: all that is left is to end; the client resumes.
                    logger.debug("An event stream ended early", metadata: ["error": "\(error)"])
                }
                try await writer.finish(nil)
            })
    }
}

/// A place at the gate, given back when nobody holds it any more.
private final class WaiterLease: Sendable {
    private let gate: WaiterGate

    init(_ gate: WaiterGate) {
        self.gate = gate
    }

    deinit { gate.leave() }
}
