import Testing

@Suite struct DockerfileTests {
    @Test func `each program has a target, and each target is a program`() throws {
        let dockerfile = try Dockerfile()
        let programs = try PackageManifest().programs
        #expect(Set(dockerfile.targets.map(\.name)) == programs)
        let build = try #require(dockerfile.stages.first { $0.name == "build" })
        let loop = try #require(build.last("RUN")?.firstMatch(of: /for program in ([a-z -]+);/), "builds by a loop")
        #expect(Set(loop.output.1.split(separator: " ").map(String.init)) == programs)
    }

    @Test func `targets run without rights, stop by SIGTERM and answer for their health`() throws {
        let dockerfile = try Dockerfile()
        for target in dockerfile.targets {
            #expect(dockerfile.inherited("USER", by: target) == "10001:10001", "\(target.name)")
            #expect(dockerfile.inherited("STOPSIGNAL", by: target) == "SIGTERM", "\(target.name)")
            #expect(target.last("HEALTHCHECK") != nil, "\(target.name)")
            #expect(target.last("ENTRYPOINT") == "[\"\(target.name)\"]", "\(target.name)")
            #expect(target.last("LABEL")?.contains("image.title=\"ainern2d-\(target.name)\"") == true, "\(target.name)")
        }
    }

    @Test func `stages start from pinned images or from each other`() throws {
        let dockerfile = try Dockerfile()
        let names = Set(dockerfile.stages.map(\.name))
        for stage in dockerfile.stages where !names.contains(stage.base) {
            #expect(dockerfile.arguments.keys.contains { stage.base == "${\($0)}" }, "\(stage.name): \(stage.base)")
        }
    }

    @Test func `health is asked at the port where the program answers by default`() throws {
        for target in try Dockerfile().targets {
            guard let check = target.last("HEALTHCHECK"), let port = check.firstMatch(of: /"(\d{4})"/)?.output.1
            else { continue }
            let sources = Repository.sources.filter { $0.path.hasPrefix("Sources/\(target.name)/") }
            let isDefault = sources.contains { source in
                source.lines.contains { $0.contains(port) && ($0.contains("default") || $0.contains("Port")) }
            }
            #expect(isDefault, "\(target.name): \(port)")
        }
    }
}
