extension RunSpec {
    private static let filmFields = ["film", "characters", "places", "music", "shots"]
    private static let fields = filmFields + ["noop", "policy", "metadata", "labels"]

    /// Reads a spec from a document.
    ///
    /// - Throws: all that is wrong with it at once.
    package static func parse(_ document: JSONValue) throws(SpecFaults) -> RunSpec {
        let log = SpecFaultLog()
        let spec = read(SpecNode(value: document, pointer: .root, log: log))
        try log.check()
        guard let spec else {
            // Every reading that gives nothing notes why.
            throw SpecFaults(SpecFault(.root, .wrongType, "cannot be read as a run spec: start from the sample film"))
        }
        return spec
    }

    /// Reads a spec from a JSON text; throws as ``parse(_:)`` does, or says where the text is not JSON.
    package static func parse(json bytes: some Sequence<UInt8>) throws(SpecFaults) -> RunSpec {
        try parse(try JSONValue(parsing: bytes))
    }

    private static func read(_ root: SpecNode) -> RunSpec? {
        guard let fields = root.fields(Self.fields) else { return nil }
        let policy = fields.read("policy", or: .standard, Policy.read)
        let metadata = fields.read("metadata", or: [:], Self.metadata)
        let labels = fields.read("labels", or: [], Self.labels)
        let work: Work? =
            if let noop = fields.optional("noop") {
                Self.load(noop, beside: fields).map { .load($0) }
            } else {
                FilmReader(fields).read().map { .film($0) }
            }
        guard let policy, let metadata, let labels, let work else { return nil }
        return RunSpec(work: work, policy: policy, metadata: metadata, labels: labels)
    }

    private static func load(_ node: SpecNode, beside fields: SpecFields) -> Load? {
        for name in filmFields {
            fields.optional(name)?.fault(.conflict, "a run of no-op tasks makes no film: remove this, or noop")
        }
        guard let noop = node.fields(["tasks", "sleep_ms"]) else { return nil }
        let tasks = noop.required("tasks", example: "tasks: 100")?.integer(in: SpecLimits.loadTasks)
        let sleep = noop.read("sleep_ms", or: 0) { $0.integer(in: SpecLimits.loadSleepMilliseconds) }
        guard let tasks, let sleep else { return nil }
        return Load(tasks: tasks, sleepMilliseconds: sleep)
    }

    private static func metadata(_ node: SpecNode) -> [String: String]? {
        guard let members = node.members(max: SpecLimits.metadataMax) else { return nil }
        var pairs: [String: String] = [:]
        for (name, value) in members {
            let key = SpecNode(value: .string(name), pointer: value.pointer, log: node.log).token("a metadata key")
            let text = value.text(max: SpecLimits.metadataValueMax, mayBeEmpty: true)
            if let key, let text { pairs[key] = text }
        }
        return pairs
    }

    private static func labels(_ node: SpecNode) -> [String]? {
        guard let elements = node.elements(max: SpecLimits.labelsMax) else { return nil }
        var labels = Set<String>()
        for element in elements {
            guard let label = element.token("a label") else { continue }
            if !labels.insert(label).inserted {
                element.fault(.duplicate, "\(SpecFault.quote(label)) is there already: remove it")
            }
        }
        return labels.sorted()
    }
}

extension RunSpec.Policy {
    fileprivate static func read(_ node: SpecNode) -> RunSpec.Policy? {
        let known = ["priority", "attempts_max", "deadline", "requires", "on_length_mismatch"]
        guard let fields = node.fields(known) else { return nil }
        fields.refuse("on_length_mismatch", cure: "remove it; a picture of the wrong length fails its task")
        let priority = fields.read("priority", or: standard.priority) { $0.choice(TaskPriority.self) }
        let attempts = fields.read("attempts_max", or: standard.attemptsMax) { $0.integer(in: SpecLimits.attempts) }
        let deadline = fields.read("deadline", or: Int?.none) { $0.deadline().map(Optional.some) }
        let requires = fields.read("requires", or: .none, TaskRequirements.read)
        guard let priority, let attempts, let deadline, let requires else { return nil }
        return RunSpec.Policy(
            priority: priority, attemptsMax: attempts, deadlineSeconds: deadline, requires: requires)
    }
}

extension TaskRequirements {
    fileprivate static func read(_ node: SpecNode) -> TaskRequirements? {
        guard let fields = node.fields(["vram_mib", "labels"]) else { return nil }
        let vram = fields.read("vram_mib", or: 0) { $0.integer(in: SpecLimits.vramMiB) }
        let labels = fields.read("labels", or: [:], readLabels)
        guard let vram, let labels else { return nil }
        return TaskRequirements(vramMiB: vram, labels: labels)
    }

    private static func readLabels(_ node: SpecNode) -> [String: String]? {
        guard let members = node.members(max: SpecLimits.labelsMax) else { return nil }
        var labels: [String: String] = [:]
        for (name, value) in members {
            let key = SpecNode(value: .string(name), pointer: value.pointer, log: node.log).token("a label's name")
            let text = value.token("a label's value")
            if let key, let text { labels[key] = text }
        }
        return labels
    }
}
