/// What a worker must be able to do to get a task; whoever asks for nothing gets any worker that serves its kind.
package struct TaskRequirements: Codable, Sendable, Hashable {
    /// The model that it must be able to load.
    package var model: String?
    /// How much memory its GPU must have at least, in MiB.
    package var vramMiB: Int
    /// The labels that it must carry, all of them and with these values.
    package var labels: [String: String]

    package static let none = TaskRequirements()

    package init(model: String? = nil, vramMiB: Int = 0, labels: [String: String] = [:]) {
        self.model = model
        self.vramMiB = vramMiB
        self.labels = labels
    }

    private enum CodingKeys: String, CodingKey {
        case model, labels
        case vramMiB = "vram_mib"
    }

    package var isEmpty: Bool { self == .none }

    /// What keeps a worker that can do this much from the task, for people; `nil` when nothing does.
    ///
    /// The store says the same in SQL to decide who gets it.
    package func obstacle(for worker: WorkerCapabilities) -> String? {
        if let model, !worker.models.isEmpty, !worker.models.contains(model) {
            return "it does not have the model \(model)"
        }
        if worker.vramMiB < vramMiB {
            let memory = worker.vramMiB > 0 ? "has \(worker.vramMiB) MiB" : "does not say how much it has"
            return "of the \(vramMiB) MiB of GPU memory that the task needs, it \(memory)"
        }
        let missing = labels.filter { worker.labels[$0.key] != $0.value }
        return missing.isEmpty ? nil : "it is not labeled \(Self.text(missing))"
    }

    private static func text(_ labels: [String: String]) -> String {
        labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
    }
}

extension TaskRequirements: CustomStringConvertible {
    package var description: String {
        var parts: [String] = []
        if let model { parts.append("the model \(model)") }
        if vramMiB > 0 { parts.append("\(vramMiB) MiB of GPU memory") }
        if !labels.isEmpty { parts.append("the labels \(Self.text(labels))") }
        return parts.isEmpty ? "nothing" : parts.joined(separator: " and ")
    }
}

extension TaskRequirements {
    /// What a run asks of its workers, as far as it concerns one of its tasks.
    ///
    /// The film is composed beside the control plane, by whoever does that. Only pictures need much of a GPU; a no-op
    /// task asks for what a picture would.
    func narrowed(to spec: TaskSpec) -> TaskRequirements {
        var narrowed = self
        switch spec {
        case .video(let video):
            if video.model != RunSpec.Shot.standardModel { narrowed.model = video.model }
        case .lipsync, .noop: break
        case .speech, .music, .effect, .prompts: narrowed.vramMiB = 0
        case .compose: narrowed = .none
        }
        return narrowed
    }
}

/// What a worker says it can do, besides its kinds.
package struct WorkerCapabilities: Sendable, Hashable {
    /// The models that it can load; any when there is none.
    package let models: [String]
    /// Memory of its GPU in MiB; 0 when that is not known.
    package let vramMiB: Int
    package let labels: [String: String]

    package static let modelsMax = 256
    package static let vramMiBMax = 1 << 20
    package static let labelsMax = 64
    /// The longest name of a model, and the longest name or value of a label, in bytes; a run spec can ask for those of
    /// up to ``SpecLimits/nameMax``.
    package static let wordMax = 200

    package static let unknown = WorkerCapabilities()

    package init(models: [String] = [], vramMiB: Int = 0, labels: [String: String] = [:]) {
        self.models = models
        self.vramMiB = vramMiB
        self.labels = labels
    }

    /// Whether it may name a model, or be the name or value of a label: 1 to ``wordMax`` of the characters that a run
    /// spec can name them by.
    package static func isWord(_ text: some StringProtocol) -> Bool {
        1...wordMax ~= text.utf8.count && text.utf8.allSatisfy(SpecNode.isTokenCharacter)
    }
}
