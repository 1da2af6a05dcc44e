import Crypto
import FoundationEssentials
import HTTPTypes
import Hummingbird

/// Lets nobody in without the API key, but to the open paths.
struct AuthenticationMiddleware: RouterMiddleware {
    private let digest: SHA256.Digest
    private let open: Set<String>

    init(apiKey: String, open: Set<String>) {
        digest = SHA256.hash(data: Data(apiKey.utf8))
        self.open = open
    }

    func handle(
        _ request: Request, context: APIContext, next: @concurrent (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        guard open.contains(request.uri.path) || isAllowed(request.headers[.authorization]) else {
            throw Problem.unauthorized
        }
        return try await next(request, context)
    }

    /// Compares digests, whose comparison takes the same time wherever they differ.
    private func isAllowed(_ field: String?) -> Bool {
        guard let field else { return false }
        let parts = field.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return false }
        let key = parts[1].drop { $0 == " " }
        return SHA256.hash(data: Data(key.utf8)) == digest
    }
}
