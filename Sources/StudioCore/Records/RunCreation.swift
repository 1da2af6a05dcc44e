/// Everything that a store needs to accept a run in one transaction.
package struct NewRun: Sendable {
    package let id: RunID
    package let tenant: TenantID
    /// The spec as it was read, in canonical JSON: sorted keys, no spaces.
    package let specification: String
    package let plan: RunPlan
    package let idempotency: IdempotencyClaim?
    package let metadata: [String: String]
    package let labels: [String]
    /// How long the run may take from now, in seconds.
    package let deadlineSeconds: Int?

    package init(
        id: RunID = RunID(), tenant: TenantID, specification: String, plan: RunPlan,
        idempotency: IdempotencyClaim? = nil, metadata: [String: String] = [:], labels: [String] = [],
        deadlineSeconds: Int? = nil
    ) {
        self.id = id
        self.tenant = tenant
        self.specification = specification
        self.plan = plan
        self.idempotency = idempotency
        self.metadata = metadata
        self.labels = labels
        self.deadlineSeconds = deadlineSeconds
    }
}

/// A caller's promise that two requests with the same key are one request.
package struct IdempotencyClaim: Sendable, Hashable {
    /// 1 to ``keyMax`` characters.
    package let key: String
    /// SHA-256 of what was asked, in hexadecimal.
    package let requestHash: String

    package static let keyMax = 255

    package init(key: String, requestHash: String) {
        self.key = key
        self.requestHash = requestHash
    }
}

/// How a store answered a ``NewRun``.
package enum CreateOutcome: Sendable {
    case created(RunRecord)
    /// The key was used before with the same request; this is the run that it made.
    case replayed(RunRecord)
    /// The key was used before with another request.
    case conflictingBody
    /// A request with this key has not been answered yet.
    case inFlight
}
