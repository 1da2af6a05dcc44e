/// A service of a compose file.
struct ComposeService: Sendable {
    let name: String
    let yaml: YAML

    var image: String { yaml["image"].text ?? "" }

    /// The program of ours in it, by its image.
    var program: String? {
        image.wholeMatch(of: /\$\{AINERN2D_REPOSITORY\}ainern2d-([a-z-]+):\$\{AINERN2D_TAG\}/)
            .map { String($0.output.1) }
    }

    /// Runs once and ends.
    var isJob: Bool { yaml["restart"].text?.hasPrefix("on-failure") == true }

    var environment: [String: String] {
        yaml["environment"].entries.compactMapValues(\.text)
    }

    /// By the path below which each is found in the container.
    var secrets: [(name: String, path: String)] {
        yaml["secrets"].items.map { item in
            let name = item.text ?? item["source"].text ?? ""
            return (name, item["target"].text ?? "/run/secrets/\(name)")
        }
    }

    /// Names, with a list or with a mapping.
    var networks: Set<String> { Set(yaml["networks"].texts).union(yaml["networks"].entries.keys) }

    var ports: [String] { yaml["ports"].texts }

    /// Seconds of `90s`.
    func seconds(_ key: String) -> Int? {
        yaml[key].text.flatMap { $0.hasSuffix("s") ? Int($0.dropLast()) : nil }
    }

    /// Everything that is passed to the container as text.
    var words: [String] {
        yaml["command"].texts + yaml["entrypoint"].texts + environment.values.sorted()
    }
}
