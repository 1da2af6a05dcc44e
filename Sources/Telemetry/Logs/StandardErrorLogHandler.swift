import FoundationEssentials
import Logging

/// Writes log lines to standard error.
struct StandardErrorLogHandler: LogHandler {
    let service: String
    let label: String
    let format: LogFormat
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    init(service: String, label: String, level: Logger.Level, format: LogFormat) {
        self.service = service
        self.label = label
        self.logLevel = level
        self.format = format
    }

    subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { _, new in new } }
        if let own = event.metadata { all.merge(own) { _, new in new } }
        if let error = event.error, all["error"] == nil { all["error"] = "\(error)" }
        let line = LogLine(
            time: Date(), level: event.level, service: service, label: label, message: event.message.description,
            metadata: all)
        StandardError.write(line.written(as: format))
    }
}
