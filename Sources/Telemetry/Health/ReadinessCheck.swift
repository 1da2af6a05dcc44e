/// Whether one thing that a program needs is there.
package struct ReadinessCheck: Sendable, Hashable {
    package let name: String
    package let ok: Bool
    /// For people; never a secret.
    package let detail: String

    /// `{"ready":…,"checks":[…]}`.
    package static func json(_ checks: [ReadinessCheck]) -> String {
        func quoted(_ text: String) -> String {
            let escaped = text.unicodeScalars.reduce(into: "") { result, scalar in
                switch scalar {
                case "\"", "\\": result += "\\" + String(scalar)
                case _ where scalar.value < 0x20: result += " "
                default: result.unicodeScalars.append(scalar)
                }
            }
            return "\"\(escaped)\""
        }
        let entries = checks.map { "{\"name\":\(quoted($0.name)),\"ok\":\($0.ok),\"detail\":\(quoted($0.detail))}" }
        return "{\"ready\":\(checks.allSatisfy(\.ok)),\"checks\":[\(entries.joined(separator: ","))]}"
    }
}
