import HTTPTypes
import Hummingbird
import StudioCore

/// What tasks made.
struct ArtifactRoutes: Sendable {
    let tenant: TenantID
    let repository: any RunRepository
    let link: APIServices.Link

    func add(to table: inout RouteTable) {
        table.get("/v1/artifacts/{id}", view)
        table.get("/v1/artifacts/{id}/content", content)
    }

    private func existing(_ request: Request, _ context: APIContext) async throws -> ArtifactRecord {
        var query = QueryReader(request)
        try query.finish()
        let artifact = try await repository.artifact(try context.identifier("artifact"), tenant: tenant)
        guard let artifact else { throw Problem.notFound("artifact") }
        return artifact
    }

    private func view(_ request: Request, _ context: APIContext) async throws -> Response {
        try .document(try await existing(request, context), for: request)
    }

    private func content(_ request: Request, _ context: APIContext) async throws -> Response {
        let artifact = try await existing(request, context)
        let disposition = "attachment; filename=\"\(Self.fileName(of: artifact))\""
        let url = try link(artifact.objectKey, APILimits.linkLifetime, disposition)
        return Response(status: .found, headers: [.location: url, .cacheControl: "no-store"])
    }

    /// `s01-video.mp4` rather than `video.mp4`, of harmless characters only.
    static func fileName(of artifact: ArtifactRecord) -> String {
        let text = (artifact.shot.map { "\($0)-" } ?? "") + artifact.name
        return String(
            text.unicodeScalars.map { scalar in
                let plain = scalar.isASCII && (scalar.properties.isAlphabetic || (0x30...0x39).contains(scalar.value))
                return plain || scalar == "." || scalar == "-" || scalar == "_" ? Character(scalar) : "_"
            })
    }
}
