/// The fields of one map of a document.
struct SpecFields {
    let node: SpecNode
    private var values: [String: JSONValue] = [:]

    /// Notes a fault for every field that is not known, or stands twice; the first of two is the one that is read.
    init(_ members: [(String, JSONValue)], of node: SpecNode, known: [String]) {
        self.node = node
        for (name, value) in members {
            let pointer = node.pointer.appending(name)
            guard values[name] == nil else {
                node.log.add(pointer, .duplicateKey) { "stands twice in its map: keep one" }
                continue
            }
            values[name] = value
            if !known.contains(name) {
                node.log.add(pointer, .unknownField) {
                    "there is no such field: \(Suggestion.cure(for: name, among: known))"
                }
            }
        }
    }

    func has(_ name: String) -> Bool {
        values[name] != nil
    }

    func optional(_ name: String) -> SpecNode? {
        values[name].map { SpecNode(value: $0, pointer: node.pointer.appending(name), log: node.log) }
    }

    /// The field, or a fault where it should be.
    func required(_ name: String, example: String) -> SpecNode? {
        if let node = optional(name) { return node }
        node.log.add(node.pointer.appending(name), .required) { "is missing: add \(example)" }
        return nil
    }

    /// Reads a field that may be left out; `nil` when what is there is wrong.
    func read<Value>(_ name: String, or standard: Value, _ read: (SpecNode) -> Value?) -> Value? {
        guard let node = optional(name) else { return standard }
        return read(node)
    }

    /// Refuses a field that is planned, rather than ignoring it.
    func refuse(_ name: String, cure: String) {
        optional(name)?.fault(.notSupported, "is not supported yet: \(cure)")
    }
}
