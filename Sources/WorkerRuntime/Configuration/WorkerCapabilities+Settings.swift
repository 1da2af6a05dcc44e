import Foundation
import ProgramSettings
import StudioCore

extension WorkerCapabilities {
    /// Reads `WORKER_MODELS`, `WORKER_VRAM_MIB` and `WORKER_LABELS`.
    ///
    /// - Parameter host: the label `host`, unless the settings name another one.
    /// - Throws: `SettingFaults`, everything that is wrong.
    init(_ settings: Settings, host: String) throws {
        var faults = SettingFaults()
        let models = faults.collect { try Self.models(settings.text("WORKER_MODELS") ?? "") }
        let vramMiB = faults.collect {
            try settings.integer("WORKER_VRAM_MIB", in: 0...WorkerCapabilities.vramMiBMax, default: 0)
        }
        let labels = faults.collect { try Self.labels(settings.text("WORKER_LABELS") ?? "") }
        guard let models, let vramMiB, let labels else { throw faults }
        self.init(models: models, vramMiB: vramMiB, labels: ["host": host].merging(labels) { $1 })
    }

    private static func parts(_ text: String) -> [String] {
        text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    private static func models(_ text: String) throws -> [String] {
        let models = parts(text)
        if let wrong = models.first(where: { !isWord($0) }) {
            throw SettingError("WORKER_MODELS", "\"\(wrong)\" is no name of a model: use A-Z a-z 0-9 . _ : / -")
        }
        guard models.count <= modelsMax else {
            throw SettingError("WORKER_MODELS", "names \(models.count) models: at most \(modelsMax)")
        }
        return models
    }

    private static func labels(_ text: String) throws -> [String: String] {
        var labels: [String: String] = [:]
        for part in parts(text) {
            let words = part.split(separator: "=", omittingEmptySubsequences: false)
            guard words.count == 2, words.allSatisfy(isWord) else {
                throw SettingError(
                    "WORKER_LABELS", "\"\(part)\" is no label: write name=value, each of A-Z a-z 0-9 . _ : / -")
            }
            guard labels.updateValue(String(words[1]), forKey: String(words[0])) == nil else {
                throw SettingError("WORKER_LABELS", "names \(words[0]) twice: keep one")
            }
        }
        // One more is the host's.
        guard labels.count < labelsMax else {
            throw SettingError("WORKER_LABELS", "names \(labels.count) labels: at most \(labelsMax - 1)")
        }
        return labels
    }

    /// What was resolved, by variable.
    var summary: [(variable: String, value: String)] {
        [
            ("WORKER_MODELS", models.isEmpty ? "any" : models.joined(separator: ",")),
            ("WORKER_VRAM_MIB", vramMiB > 0 ? "\(vramMiB)" : "unknown"),
            ("WORKER_LABELS", labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")),
        ]
    }
}
