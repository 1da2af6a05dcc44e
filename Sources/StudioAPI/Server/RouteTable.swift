import HTTPTypes
import Hummingbird

/// Every route once: what the router serves, and what tells a wrong method from a wrong path.
struct RouteTable: Sendable {
    typealias Answer = @Sendable (Request, APIContext) async throws -> Response

    struct Route: Sendable {
        let method: HTTPRequest.Method
        /// `/v1/runs/{id}`.
        let path: String
        let answer: Answer
    }

    private(set) var routes: [Route] = []

    mutating func get(_ path: String, _ answer: @escaping Answer) {
        routes.append(Route(method: .get, path: path, answer: answer))
    }

    mutating func post(_ path: String, _ answer: @escaping Answer) {
        routes.append(Route(method: .post, path: path, answer: answer))
    }

    mutating func patch(_ path: String, _ answer: @escaping Answer) {
        routes.append(Route(method: .patch, path: path, answer: answer))
    }

    /// The methods that `path` knows; empty for a path that is not there.
    func methods(at path: String) -> [HTTPRequest.Method] {
        let parts = path.split(separator: "/")
        var methods: [HTTPRequest.Method] = []
        for route in routes where Self.matches(route.path.split(separator: "/"), parts) {
            methods.append(route.method)
            if route.method == .get { methods.append(.head) }
        }
        return methods
    }

    private static func matches(_ template: [Substring], _ parts: [Substring]) -> Bool {
        template.count == parts.count && zip(template, parts).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }
}
