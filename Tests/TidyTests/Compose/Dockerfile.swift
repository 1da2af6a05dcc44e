/// The stages of the Dockerfile.
struct Dockerfile {
    struct Stage {
        let name: String
        /// A stage's name or an image.
        let base: String
        var instructions: [(word: String, rest: String)] = []

        func last(_ word: String) -> String? { instructions.last { $0.word == word }?.rest }
    }

    static let path = "compose/Dockerfile"

    /// Before the first stage: `ARG NAME=value`.
    private(set) var arguments: [String: String] = [:]
    private(set) var stages: [Stage] = []

    init() throws {
        let text = try Repository.text(Self.path)
        var pending = ""
        for line in text.lines where !line.drop(while: \.isWhitespace).hasPrefix("#") {
            pending += line
            if pending.hasSuffix("\\") {
                pending.removeLast()
                continue
            }
            defer { pending = "" }
            let parts = pending.split(separator: " ", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { continue }
            add(parts[0], parts[1])
        }
    }

    private mutating func add(_ word: String, _ rest: String) {
        if word == "FROM" {
            let parts = rest.split(separator: " ").map(String.init)
            stages.append(Stage(name: parts.last ?? "", base: parts.first ?? ""))
        } else if stages.isEmpty {
            let pair = rest.split(separator: "=", maxSplits: 1).map(String.init)
            if word == "ARG", pair.count == 2 { arguments[pair[0]] = pair[1] }
        } else {
            stages[stages.count - 1].instructions.append((word, rest))
        }
    }

    /// The stages that start a program.
    var targets: [Stage] { stages.filter { $0.last("ENTRYPOINT") != nil } }

    /// The last `word` of a stage, or of the stages it is based on.
    func inherited(_ word: String, by stage: Stage) -> String? {
        stage.last(word) ?? stages.first { $0.name == stage.base }.flatMap { inherited(word, by: $0) }
    }
}
