import Crypto
import Foundation
import GRPCCore
import Metrics

/// Refuses calls without the workers' token, and counts every call by method and outcome.
struct WorkerAuthentication: ServerInterceptor {
    private let digest: SHA256Digest

    init(token: String) {
        digest = SHA256.hash(data: Data("Bearer \(token)".utf8))
    }

    func intercept<Input: Sendable, Output: Sendable>(
        request: StreamingServerRequest<Input>, context: ServerContext,
        next:
            @concurrent @Sendable (StreamingServerRequest<Input>, ServerContext) async throws ->
            StreamingServerResponse<Output>
    ) async throws -> StreamingServerResponse<Output> {
        let given = request.metadata[stringValues: "authorization"].first { _ in true } ?? ""
        // Digests compare in constant time.
        guard SHA256.hash(data: Data(given.utf8)) == digest else {
            count(context, "unauthenticated")
            throw RPCError(code: .unauthenticated, message: "the worker token is missing or wrong: set WORKER_TOKEN")
        }
        do {
            let response = try await next(request, context)
            switch response.accepted {
            case .success: count(context, "ok")
            case .failure(let error): count(context, error.code.description)
            }
            return response
        } catch {
            count(context, (error as? RPCError)?.code.description ?? "unknown")
            throw error
        }
    }

    private func count(_ context: ServerContext, _ code: String) {
        Counter(
            label: "grpc_server_handled_total",
            dimensions: [("method", context.descriptor.method), ("code", code)]
        ).increment()
    }
}
