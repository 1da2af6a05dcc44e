/// The pieces of Prometheus' text format, version 0.0.4.
enum PrometheusText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// Replaces what a metric's name may not contain by an underscore.
    static func metricName(_ text: String) -> String {
        name(text, allowsColon: true)
    }

    /// Replaces what a label's name may not contain by an underscore.
    static func labelName(_ text: String) -> String {
        name(text, allowsColon: false)
    }

    private static func name(_ text: String, allowsColon: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            let isDigit = scalar >= "0" && scalar <= "9"
            if isDigit && result.isEmpty { result += "_" }
            let isLetter = (scalar >= "a" && scalar <= "z") || (scalar >= "A" && scalar <= "Z")
            let allowed = isLetter || isDigit || scalar == "_" || (scalar == ":" && allowsColon)
            result.unicodeScalars.append(allowed ? scalar : "_")
        }
        return result.isEmpty ? "_" : result
    }

    /// `{a="b",c="d"}`; empty without labels.
    static func labels(_ labels: [(name: String, value: String)]) -> String {
        guard !labels.isEmpty else { return "" }
        return "{" + labels.map { "\($0.name)=\"\(labelValue($0.value))\"" }.joined(separator: ",") + "}"
    }

    static func labelValue(_ text: String) -> String {
        escaped(text, quotes: true)
    }

    static func help(_ text: String) -> String {
        escaped(text, quotes: false)
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if value == value.rounded(), abs(value) < 1e15 { return "\(Int64(value))" }
        return "\(value)"
    }
}
