import HTTPTypes
import Hummingbird
import Logging
import Metrics

/// Times every request up to the head of its answer, by route, method and status.
struct RequestMetricsMiddleware: RouterMiddleware {
    private static let methods: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .patch, .delete, .options]

    func handle(
        _ request: Request, context: APIContext, next: @concurrent (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        let begin = ContinuousClock.now
        let response = try await next(request, context)
        // What a client invents must not make series.
        let route = context.endpointPath.flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "unmatched"
        let method = Self.methods.contains(request.method) ? request.method.rawValue : "other"
        let duration = ContinuousClock.now - begin
        Timer(
            label: "http_request_duration_seconds",
            dimensions: [("route", route), ("method", method), ("status", String(response.status.code))]
        ).record(duration: duration)
        context.logger.debug(
            "Request answered",
            metadata: [
                "http.route": "\(route)", "http.method": "\(method)", "http.status": "\(response.status.code)",
                "duration.ms": "\(Int64(duration / .milliseconds(1)))",
            ])
        return response
    }
}
