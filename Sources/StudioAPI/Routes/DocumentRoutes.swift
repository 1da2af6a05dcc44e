import HTTPTypes
import Hummingbird
import NIOCore

/// The description of the API for programs, `OpenAPI/openapi.json` in the sources.
enum DocumentRoutes {
    static let document = PackageResources.openapi_json

    static func add(to table: inout RouteTable) {
        table.get("/v1/openapi.json") { request, _ in
            var query = QueryReader(request)
            try query.finish()
            return Response(
                status: .ok, headers: [.contentType: "application/json", .cacheControl: "private, max-age=300"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: document)))
        }
    }
}
