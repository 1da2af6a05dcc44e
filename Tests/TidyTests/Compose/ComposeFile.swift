import Yams

/// One of the compose files, its anchors and merges resolved.
struct ComposeFile: Sendable {
    enum Host: String, CaseIterable {
        case dev, cpu, gpu
    }

    static let environmentExample = "compose/.env.example"

    let host: Host
    let path: String
    let text: String
    let services: [ComposeService]
    let networks: [String: YAML]
    let volumes: Set<String>
    /// The file of each secret, relative to `compose`.
    let secrets: [String: String]

    static func all() throws -> [ComposeFile] { try Host.allCases.map(ComposeFile.init) }

    init(_ host: Host) throws {
        self.host = host
        path = "compose/docker-compose.\(host).yml"
        text = try Repository.text(path).text
        let root = YAML(try Yams.load(yaml: text))
        services = root["services"].entries.map { ComposeService(name: $0.key, yaml: $0.value) }
            .sorted { $0.name < $1.name }
        networks = root["networks"].entries
        volumes = Set(root["volumes"].entries.keys)
        secrets = root["secrets"].entries.compactMapValues { $0["file"].text }
    }

    /// The variables that are replaced when the file is read.
    var variables: Set<String> {
        Set(text.matches(of: /(?:^|[^$])\$\{?([A-Z][A-Z0-9_]*)/).map { String($0.output.1) })
    }

    /// `KEY=value` lines of `.env.example`.
    static func example() throws -> [String: String] {
        let lines = try Repository.text(environmentExample).lines
        let pairs = lines.compactMap { line in
            line.firstMatch(of: /^([A-Z][A-Z0-9_]*)=(.*)$/).map { (String($0.output.1), String($0.output.2)) }
        }
        return Dictionary(pairs) { first, _ in first }
    }
}
