import StudioCore

/// The table of failures: the first rule that matches says what a failure is.
///
/// Pure. The format is told in compose/README.md, and the default table is an example of it.
package struct FailureSignatures: Sendable {
    /// No service's own delay is believed beyond this, in seconds.
    static let retryAfterMax = 3_600.0
    /// The code of a failure that no rule matches.
    static let unknownCode = "unknown_failure"

    package let rules: [FailureSignature]

    /// The table that is compiled in.
    ///
    /// - Throws: ``SignatureFaults``; a test holds that it never does.
    package static func standard() throws -> FailureSignatures {
        try FailureSignatures(json: PackageResources.signatures_json)
    }

    /// What the symptom is; temporary and ``unknownCode`` when no rule matches.
    package func diagnose(_ symptom: FailureSymptom) -> Diagnosis {
        // A line feed at its end, so that a pattern can say what may not follow.
        let folded = TextPattern.folded(symptom.text + "\n")
        let asked = symptom.retryAfterSeconds.flatMap { $0.isFinite ? min(max(0, $0), Self.retryAfterMax) : nil }
        guard let rule = rules.first(where: { $0.appearance.matches(symptom, folded: folded) }) else {
            return Diagnosis(
                failure: TaskFailure(
                    .temporary, code: Self.unknownCode, detail: symptom.description, retryAfterSeconds: asked),
                isEndpointDown: false, rule: nil)
        }
        return Diagnosis(
            failure: TaskFailure(
                rule.errorClass, code: rule.code, detail: "\(rule.message) (\(symptom))",
                retryAfterSeconds: asked ?? rule.retryAfterSeconds),
            isEndpointDown: rule.isEndpointDown, rule: rule.name)
    }
}
