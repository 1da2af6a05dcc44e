import StudioCore

/// What is wrong with a table of failure signatures: one line for each fault, which names rule and field.
package struct SignatureFaults: Error, Sendable, Hashable, CustomStringConvertible {
    /// More faults than this are counted only.
    static let faultsMax = 40

    package let lines: [String]

    package var description: String { lines.joined(separator: "\n") }
}

extension FailureSignatures {
    /// The most bytes that a table has.
    package static let bytesMax = 256 * 1_024
    static let rulesMax = 200
    /// Of one list of a rule.
    static let elementsMax = 32
    static let messageMax = 500

    /// Reads a table in JSON.
    ///
    /// - Throws: ``SignatureFaults``, everything that is wrong.
    package init(json bytes: [UInt8]) throws {
        guard bytes.count <= Self.bytesMax else {
            throw SignatureFaults(lines: ["has \(bytes.count) bytes: at most \(Self.bytesMax)"])
        }
        let document: JSONValue
        do {
            document = try JSONValue(parsing: bytes)
        } catch {
            throw SignatureFaults(lines: error.faults.map(\.detail))
        }
        let log = SignatureFaultLog()
        let rules = SignatureNode(document, "the table", log).table()
        try log.check()
        self.rules = rules
    }
}

extension SignatureNode {
    fileprivate func table() -> [FailureSignature] {
        let fields = fields(["version", "rules"])
        if fields["version"]?.value != .int(1) { fault("field version: must be 1") }
        let nodes = (fields["rules"] ?? missing("rules"))?.list(max: FailureSignatures.rulesMax)
        guard let nodes else { return [] }
        if nodes.isEmpty { fault("field rules: is empty: write one at least") }
        var names: Set<String> = []
        return nodes.enumerated().compactMap { index, node in
            let number = "rule \(index + 1)"
            let name = node.renamed(number)["name"]?.name()
            let label = name.map { "\(number) \"\($0)\"" } ?? number
            if let name, !names.insert(name).inserted { node.renamed(label).fault("field name: stands twice") }
            return node.renamed(label).rule(name)
        }
    }

    private func rule(_ name: String?) -> FailureSignature? {
        let fields = fields(["name", "when", "class", "code", "message", "retry_after_s", "endpoint_down"])
        if fields["name"] == nil { _ = missing("name") }
        let appearance = (fields["when"] ?? missing("when"))?.appearance()
        let errorClass = (fields["class"] ?? missing("class"))?.choice(
            among: [.userError, .billing, .rateLimit, .temporary, .resource, .poison] as [ErrorClass])
        let code = (fields["code"] ?? missing("code"))?.name()
        let message = (fields["message"] ?? missing("message"))?.text(max: FailureSignatures.messageMax)
        let retryAfter = fields["retry_after_s"].flatMap { $0.number(in: 0...FailureSignatures.retryAfterMax) }
        let isEndpointDown = fields["endpoint_down"].map { $0.boolean() } ?? false
        guard let name, let appearance, let errorClass, let code, let message, let isEndpointDown else { return nil }
        return FailureSignature(
            name: name, appearance: appearance, errorClass: errorClass, code: code, message: message,
            retryAfterSeconds: retryAfter, isEndpointDown: isEndpointDown)
    }

    private func appearance() -> FailureSignature.Appearance {
        let fields = fields(["service", "condition", "http_status", "exit_status", "signal", "text", "pattern"])
        if fields.isEmpty { fault("is empty and would match everything: say what the failure looks like") }
        var wanted = FailureSignature.Appearance()
        wanted.services = fields["service"].map { Set($0.elements { $0.choice(among: ServiceKind.allCases) }) }
        wanted.conditions = fields["condition"].map {
            Set($0.elements { $0.choice(among: FailureSymptom.Condition.allCases) })
        }
        wanted.httpStatuses = fields["http_status"].map { $0.elements { $0.statuses() } }
        wanted.exitStatuses = fields["exit_status"].map { Set($0.elements { $0.integer(in: 1...255) }) }
        wanted.signals = fields["signal"].map { Set($0.elements { $0.integer(in: 1...64) }) }
        wanted.texts = fields["text"].map { $0.elements { $0.text(max: TextPattern.lengthMax) } }
        wanted.patterns = fields["pattern"].map { $0.elements { $0.pattern() } }
        return wanted
    }
}
