import FoundationEssentials
import Logging

/// One line of the log, its secrets already taken out.
struct LogLine {
    let time: Date
    let level: Logger.Level
    let service: String
    let label: String
    let message: String
    let metadata: Logger.Metadata

    init(time: Date, level: Logger.Level, service: String, label: String, message: String, metadata: Logger.Metadata) {
        self.time = time
        self.level = level
        self.service = service
        self.label = label
        self.message = Redaction.text(message)
        self.metadata = Redaction.metadata(metadata)
    }

    func written(as format: LogFormat) -> String {
        switch format {
        case .text: text
        case .json: json
        }
    }

    private var timestamp: String {
        time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    private var text: String {
        var line = "\(timestamp) \(level.rawValue.uppercased()) \(service) \(label): \(Self.onOneLine(message))"
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            line += " \(key)=\(Self.quotedIfNeeded(value.description))"
        }
        return line + "\n"
    }

    private var json: String {
        var fields = [
            #""time":"\#(timestamp)""#, #""level":"\#(level.rawValue)""#, #""service":\#(Self.quoted(service))"#,
            #""label":\#(Self.quoted(label))"#, #""message":\#(Self.quoted(message))"#,
        ]
        if !metadata.isEmpty {
            fields.append(#""metadata":\#(Self.json(.dictionary(metadata)))"#)
        }
        return "{" + fields.joined(separator: ",") + "}\n"
    }

    private static func json(_ value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let text): quoted(text)
        case .stringConvertible(let value): quoted(value.description)
        case .array(let values): "[" + values.map(json).joined(separator: ",") + "]"
        case .dictionary(let fields):
            "{"
                + fields.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(json($0.value))" }
                .joined(separator: ",") + "}"
        }
    }

    /// A string of JSON, in which every control character is escaped.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    private static func quotedIfNeeded(_ text: String) -> String {
        let plain = !text.isEmpty && text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0 != "\"" && $0 != "=" }
        return plain ? text : quoted(text)
    }

    /// Without line breaks and terminal escapes, so that a value cannot forge a line.
    private static func onOneLine(_ text: String) -> String {
        let harmless = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
        return harmless ? text : quoted(text)
    }
}
