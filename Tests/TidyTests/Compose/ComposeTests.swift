import Testing
import Yams

@Suite struct ComposeTests {
    @Test(arguments: ComposeFile.Host.allCases)
    func `images are pinned, and ours are targets of the Dockerfile`(host: ComposeFile.Host) throws {
        let file = try ComposeFile(host)
        let targets = Set(try Dockerfile().targets.map(\.name))
        #expect(!file.services.isEmpty)
        expectNone(
            file.services.compactMap { service in
                if let program = service.program {
                    let target = service.yaml["build"]["target"].text ?? program
                    return targets.contains(program) && target == program
                        ? nil : Violation(file.path, "\(service.name): no target \(program) in the Dockerfile")
                }
                return service.image.wholeMatch(of: /\$\{[A-Z0-9_]+_IMAGE\}/) != nil
                    ? nil : Violation(file.path, "\(service.name): the image is no variable of .env.example")
            })
    }

    @Test(arguments: ComposeFile.Host.allCases)
    func `services restart, show their health and have time to stop`(host: ComposeFile.Host) throws {
        let file = try ComposeFile(host)
        let dockerfile = try Dockerfile()
        /// What a worker needs after its drain, in seconds: reports on their way, and ending.
        let margin = 20
        for service in file.services {
            let name = "\(file.path): \(service.name)"
            #expect(service.yaml["restart"].exists, "\(name) has no restart policy")
            if service.isJob { continue }
            let stage = dockerfile.targets.first { $0.name == service.program }
            let ownCheck = stage.flatMap { $0.last("HEALTHCHECK") }
            let hasCheck = service.yaml["healthcheck"]["test"].exists || ownCheck?.contains("CMD") == true
            #expect(hasCheck, "\(name) has no health check")
            let grace = try #require(service.seconds("stop_grace_period"), "\(name) has no stop_grace_period")
            let drain = service.environment["WORKER_DRAIN_SECONDS"].flatMap(Int.init)
            #expect(grace >= (drain ?? 0) + margin || service.program == nil, "\(name) is killed while it drains")
        }
    }

    @Test(arguments: ComposeFile.Host.allCases)
    func `services have no more rights and resources than they need`(host: ComposeFile.Host) throws {
        let file = try ComposeFile(host)
        for service in file.services {
            let name = "\(file.path): \(service.name)"
            #expect(service.yaml["read_only"].text == "true", "\(name) may write to its image")
            #expect(service.yaml["cap_drop"].texts == ["ALL"], "\(name) keeps capabilities")
            #expect(service.yaml["security_opt"].texts.contains("no-new-privileges:true"), "\(name)")
            #expect(!service.yaml["privileged"].exists, "\(name) is privileged")
            let limits = service.yaml["deploy"]["resources"]["limits"]
            for limit in ["cpus", "memory", "pids"] {
                #expect(limits[limit].exists, "\(name) has no limit of \(limit)")
            }
        }
    }

    @Test func `only nginx is reached from outside, and Postgres, broker and objects are on inner networks`() throws {
        for file in try ComposeFile.all() {
            for service in file.services {
                let isDoor = file.host == .cpu && service.name == "nginx"
                let open = service.ports.filter { !$0.hasPrefix("127.0.0.1:") }
                let allowed = isDoor ? ["80:80", "443:443"] : []
                expectNone(
                    open.filter { !allowed.contains($0) && !(isDoor && $0.hasPrefix("${PRIVATE_ADDRESS}:")) }
                        .map { Violation(file.path, "\(service.name) publishes \($0)") })
                guard file.host == .cpu, !isDoor else { continue }
                #expect(service.ports.isEmpty, "\(file.path): \(service.name) publishes a port")
                for network in service.networks {
                    #expect(file.networks[network]?["internal"].text == "true", "\(service.name) is on \(network)")
                }
            }
        }
        #expect(try ComposeFile.example()["PRIVATE_ADDRESS"] == "127.0.0.1", "open to nobody until it is set")
    }

    @Test(arguments: ComposeFile.Host.allCases)
    func `what services name is there`(host: ComposeFile.Host) throws {
        let file = try ComposeFile(host)
        var violations: [Violation] = []
        func check(_ holds: Bool, _ problem: String) { if !holds { violations.append(Violation(file.path, problem)) } }
        let names = Set(file.services.map(\.name))
        for service in file.services {
            for network in service.networks { check(file.networks[network] != nil, "no network \(network)") }
            let depended = Set(service.yaml["depends_on"].entries.keys).union(service.yaml["depends_on"].texts)
            for other in depended { check(names.contains(other), "\(service.name) waits for \(other): not there") }
            for volume in service.yaml["volumes"].texts {
                let source = String(volume.split(separator: ":")[0])
                let isThere =
                    source.hasPrefix("./")
                    ? Repository.exists("compose/" + source.dropFirst(2)) : file.volumes.contains(source)
                check(isThere, "\(service.name) mounts \(source), which is not there")
            }
            let paths = Set(service.secrets.map(\.path))
            for (secret, _) in service.secrets { check(file.secrets[secret] != nil, "no secret \(secret)") }
            for match in service.words.joined(separator: " ").matches(of: /\/run\/secrets\/\w+/) {
                check(paths.contains(String(match.output)), "\(service.name) is not given \(match.output)")
            }
        }
        let used = Set(file.services.flatMap { $0.secrets.map(\.name) })
        for secret in file.secrets.keys.sorted() { check(used.contains(secret), "the secret \(secret) is for nobody") }
        expectNone(violations)
    }

    @Test(arguments: ComposeFile.Host.allCases)
    func `programs get the variables they read, and all they require`(host: ComposeFile.Host) throws {
        let file = try ComposeFile(host)
        for service in file.services {
            guard let program = service.program else { continue }
            let problems = ProgramVariables(of: program).problems(with: service.environment)
            expectNone(problems.map { Violation(file.path, "\(service.name): \($0)") })
        }
    }

    @Test func `workers of a GPU host can be told everything that they read`() throws {
        let file = try ComposeFile(.gpu)
        let variables = ProgramVariables(of: "worker-runtime")
        let settable = variables.all.subtracting(variables.secrets).filter { name in
            !name.hasSuffix("_FILE")
                && ["WORKER_", "COMMAND", "FAILURE_", "CIRCUIT_"].contains { name.hasPrefix($0) }
        }
        #expect(settable.isSuperset(of: ["WORKER_MODELS", "COMMAND", "FAILURE_SIGNATURES", "CIRCUIT_FAILURES"]))
        for service in file.services where service.program == "worker-runtime" {
            let untold = settable.subtracting(service.environment.keys).sorted()
            expectNone(untold.map { Violation(file.path, "\(service.name) cannot be told \($0)") })
        }
    }

    @Test func `the override file that README shows fits the services of a GPU host`() throws {
        let readme = try Repository.text("compose/README.md").text
        let block = try #require(
            readme.split(separator: "```").first { $0.hasPrefix("yaml\n") && $0.contains("\nservices:\n") })
        let services = YAML(try Yams.load(yaml: String(block.dropFirst("yaml\n".count))))["services"].entries
        let file = try ComposeFile(.gpu)
        #expect(!services.isEmpty)
        for (name, yaml) in services {
            let service = try #require(file.services.first { $0.name == name }, "there is no \(name)")
            let program = try #require(service.program)
            let environment = service.environment.merging(ComposeService(name: name, yaml: yaml).environment) { $1 }
            expectNone(ProgramVariables(of: program).problems(with: environment).map { Violation("README.md", $0) })
            #expect(environment["EXECUTOR"] == "command" && environment["COMMAND"]?.hasPrefix("/") == true)
            #expect(yaml["deploy"]["resources"]["reservations"]["devices"].exists)
        }
    }

    @Test func `the example of .env holds what the files use, no more and no less`() throws {
        let used = try ComposeFile.all().reduce(into: Set<String>()) { $0.formUnion($1.variables) }
        let example = try ComposeFile.example()
        #expect(used == Set(example.keys))
        for (name, value) in example where name.hasSuffix("_IMAGE") {
            let pinned = /[a-z0-9.\/-]+:[A-Za-z0-9._-]*[0-9][A-Za-z0-9._-]*(?:@sha256:[0-9a-f]{64})?/
            #expect(value.wholeMatch(of: pinned) != nil && !value.contains("latest"), "\(name)")
        }
        for (name, value) in try Dockerfile().arguments {
            #expect(example[name] == value, "\(name) in \(Dockerfile.path)")
        }
    }
}
