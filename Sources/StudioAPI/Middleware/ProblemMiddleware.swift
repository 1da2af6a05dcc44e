import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import StudioCore

/// The one place where errors become answers.
struct ProblemMiddleware: RouterMiddleware {
    let table: RouteTable
    let repository: any RunRepository

    func handle(
        _ request: Request, context: APIContext, next: @concurrent (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            return problem(for: error, request, context).response(requestID: context.requestID)
        }
    }

    private func problem(for error: any Error, _ request: Request, _ context: APIContext) -> Problem {
        switch error {
        case let problem as Problem: return problem
        case let faults as SpecFaults: return Problem(faults)
        case is NIOTooManyBytesError: return .bodyTooLarge
        case is CancellationError: return .unavailable
        case let error where repository.isUnavailable(error):
            // The outage itself is told once, by those who connect.
            context.logger.info("The database is not available", metadata: ["error": "\(error)"])
            return .unavailable
        case let error as any HTTPResponseError where error.status == .notFound:
            let methods = table.methods(at: request.uri.path)
            return methods.isEmpty ? .noRoute : .methodNotAllowed(methods)
        case let error as any HTTPResponseError where error.status.kind == .clientError:
            return Problem(error.status, code: "bad_request", detail: "The request cannot be understood.")
        default:
            context.logger.error(
                "A request failed",
                metadata: [
                    "error": "\(error)", "http.method": "\(request.method.rawValue)",
                    "http.route": "\(context.endpointPath ?? "")",
                ])
            return .internalError
        }
    }
}
