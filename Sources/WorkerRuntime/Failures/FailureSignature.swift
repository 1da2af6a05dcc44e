package import StudioCore

/// One rule: what a failure looks like, and what it is.
package struct FailureSignature: Sendable {
    /// What a symptom must show: all that is asked for, and of each list any element.
    struct Appearance: Sendable {
        var services: Set<ServiceKind>?
        var conditions: Set<FailureSymptom.Condition>?
        var httpStatuses: [ClosedRange<Int>]?
        var exitStatuses: Set<Int>?
        var signals: Set<Int>?
        /// Parts of the text; upper and lower case of ASCII are the same.
        var texts: [String]?
        var patterns: [TextPattern]?

        /// - Parameter folded: the symptom's text, see ``TextPattern/folded(_:)``.
        func matches(_ symptom: FailureSymptom, folded: [UInt8]) -> Bool {
            func isOne<Value: Hashable>(_ value: Value?, of wanted: Set<Value>?) -> Bool {
                wanted.map { wanted in value.map(wanted.contains) ?? false } ?? true
            }
            return isOne(symptom.service, of: services) && isOne(symptom.condition, of: conditions)
                && isOne(symptom.exitStatus, of: exitStatuses) && isOne(symptom.signal, of: signals)
                && httpStatuses.map { $0.contains { range in symptom.httpStatus.map(range.contains) ?? false } } ?? true
                && texts.map { $0.contains { folded.firstRange(of: TextPattern.folded($0)) != nil } } ?? true
                && patterns.map { $0.contains { $0.matches(folded) } } ?? true
        }
    }

    let name: String
    let appearance: Appearance
    let errorClass: ErrorClass
    let code: String
    /// For people: what it is and what cures it.
    let message: String
    /// When the symptom asks for no delay of its own, in seconds.
    let retryAfterSeconds: Double?
    /// Whether it says that nothing else would succeed there either.
    let isEndpointDown: Bool
}

/// What a failure is.
package struct Diagnosis: Sendable, Hashable {
    package let failure: TaskFailure
    /// Whether it says that nothing else would succeed there either.
    package let isEndpointDown: Bool
    /// The name of the rule that says so; nil when none matched.
    package let rule: String?
}
