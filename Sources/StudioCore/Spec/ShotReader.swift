/// Reads the shots of a document.
///
/// What could not be read elsewhere is `nil`, and what depends on it is then not checked: one mistake, one fault.
struct ShotReader {
    private static let fields = ["id", "duration", "video", "dialogue", "lipsync", "effects", "transition"]
    /// Length of a dissolve or fade whose spec gives none, in frames.
    private static let standardTransitionFrames = 12

    let profile: DeliveryProfile?
    /// Who may speak.
    let characters: Set<String>?
    /// Who and what may be seen.
    let entities: Set<String>?

    func shots(_ node: SpecNode) -> [RunSpec.Shot]? {
        guard let nodes = node.elements(max: SpecLimits.shotsMax) else { return nil }
        guard !nodes.isEmpty else {
            node.fault(.empty, "a film needs at least one shot: add {id: s01, duration: 4s, video: {prompt: …}}")
            return nil
        }
        var ids = Set<String>()
        let shots = nodes.map { shot($0, ids: &ids) }
        for (index, shot) in shots.enumerated() {
            if let shot { checkTransition(from: index > 0 ? shots[index - 1] : nil, into: shot, at: nodes[index]) }
        }
        if let first = shots.first, first?.transition.kind == .dissolve, let node = nodes.first {
            node.log.add(node.pointer.appending("transition"), .nothingBefore) {
                "nothing comes before the first shot: use fade, or cut"
            }
        }
        let whole = shots.compactMap { $0 }
        return whole.count == shots.count ? whole : nil
    }

    /// A shot keeps at least one frame of its own beside its transitions; a shot that has none left already for the
    /// transition into it is not counted again for the one out of it.
    private func checkTransition(from previous: RunSpec.Shot?, into shot: RunSpec.Shot, at node: SpecNode) {
        let length = shot.transition.frames
        var room = shot.frames - 1
        if let previous, previous.transition.frames < previous.frames {
            room = min(room, previous.frames - 1 - previous.transition.frames)
        }
        guard length > room else { return }
        node.log.add(node.pointer.appending("transition"), .transitionTooLong) {
            "\(length) frames leave \(shot.id), or the shot before it, no frame of its own: "
                + (room > 0 ? "use at most \(room)f, or a cut" : "use a cut")
        }
    }

    private func shot(_ node: SpecNode, ids: inout Set<String>) -> RunSpec.Shot? {
        guard let fields = node.fields(Self.fields) else { return nil }
        let idNode = fields.required("id", example: "id: s01")
        let id = idNode?.identifier()
        if let id, !ids.insert(id).inserted {
            idNode?.fault(.duplicate, "another shot is called \(SpecFault.quote(id)): choose another id")
        }
        let frames = fields.required("duration", example: "duration: 4s").flatMap(duration)
        let video = fields.required("video", example: "video: {prompt: …}").flatMap(video)
        let dialogue = fields.read("dialogue", or: []) { node in
            node.elements(max: SpecLimits.linesPerShotMax)?.compactMap { line($0, shotFrames: frames) }
        }
        let lipsync = fields.read("lipsync", or: false) { $0.boolean() }
        if lipsync == true, dialogue?.isEmpty == true, (fields.optional("dialogue")?.value ?? .array([])) == .array([])
        {
            fields.optional("lipsync")?.fault(
                .lipsyncWithoutDialogue, "needs dialogue to follow: add a line, or remove lipsync")
        }
        let effects = fields.read("effects", or: []) { node in
            node.elements(max: SpecLimits.effectsPerShotMax)?.compactMap { effect($0, shotFrames: frames) }
        }
        let transition = fields.read("transition", or: .cut, transition)
        guard let id, let frames, let video, let dialogue, let lipsync, let effects, let transition else { return nil }
        return RunSpec.Shot(
            id: id, frames: frames, prompt: video.prompt, entities: video.entities, model: video.model,
            dialogue: dialogue, lipsync: lipsync, effects: effects, transition: transition)
    }

    private func duration(_ node: SpecNode) -> Int? {
        frames(node, in: SpecLimits.framesPerShot)
    }

    /// Reads a time that must be a whole number of frames.
    private func frames(_ node: SpecNode, in range: ClosedRange<Int>) -> Int? {
        guard let time = node.time(), let rate = profile?.frameRate else { return nil }
        guard let frames = time.frames(at: rate) else {
            let below = time.framesRoundedDown(at: rate)
            node.fault(
                .notAFrame,
                below < 1
                    ? "\(time) is less than a frame at \(rate) frames a second: write 1f"
                    : "\(time) ends between two frames at \(rate) frames a second: write \(below)f or \(below + 1)f")
            return nil
        }
        guard range.contains(frames) else {
            node.fault(.outOfRange, "is \(frames) frames: use \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return frames
    }

    private func video(_ node: SpecNode) -> (prompt: String, entities: [String], model: String)? {
        guard let fields = node.fields(["prompt", "entities", "model"]) else { return nil }
        let prompt = fields.required("prompt", example: "prompt: \"Mara walks the pier\"")?
            .text(max: SpecLimits.promptMax)
        let names = fields.read("entities", or: []) { node in
            node.elements(max: SpecLimits.entitiesPerShotMax).map(entityNames)
        }
        let model = fields.read("model", or: RunSpec.Shot.standardModel) { $0.token("a model") }
        guard let prompt, let names, let model else { return nil }
        return (prompt, names, model)
    }

    private func entityNames(_ nodes: [SpecNode]) -> [String] {
        var names: [String] = []
        for node in nodes {
            guard let name = node.word("the name of a character or place") else { continue }
            if let entities, !entities.contains(name) {
                node.fault(
                    .unknownReference,
                    "no character or place is called \(SpecFault.quote(name)): "
                        + Suggestion.cure(for: name, among: entities))
            } else if names.contains(name) {
                node.fault(.duplicate, "\(SpecFault.quote(name)) is there already: remove it")
            } else {
                names.append(name)
            }
        }
        return names
    }

    private func line(_ node: SpecNode, shotFrames: Int?) -> RunSpec.Line? {
        guard let fields = node.fields(["by", "at", "line"]) else { return nil }
        let by = fields.required("by", example: "by: and the name of a character").flatMap(speaker)
        let at = fields.read("at", or: .zero) { start($0, shotFrames: shotFrames) }
        let line = fields.required("line", example: "line: \"They are late.\"")?.text(max: SpecLimits.lineMax)
        guard let by, let at, let line else { return nil }
        return RunSpec.Line(by: by, at: at, line: line)
    }

    private func speaker(_ node: SpecNode) -> String? {
        guard let name = node.word("the name of a character") else { return nil }
        if let characters, !characters.contains(name) {
            node.fault(
                .unknownReference,
                "no character is called \(SpecFault.quote(name)): \(Suggestion.cure(for: name, among: characters))")
        }
        return name
    }

    private func effect(_ node: SpecNode, shotFrames: Int?) -> RunSpec.Effect? {
        guard let fields = node.fields(["prompt", "at", "duration", "gain_db"]) else { return nil }
        let prompt = fields.required("prompt", example: "prompt: gull")?.text(max: SpecLimits.promptMax)
        let at = fields.read("at", or: .zero) { start($0, shotFrames: shotFrames) }
        let duration = fields.read("duration", or: RunSpec.Effect.standardDuration, effectDuration)
        let gain = fields.read("gain_db", or: 0) { $0.number(in: SpecLimits.gainDecibels) }
        guard let prompt, let at, let duration, let gain else { return nil }
        return RunSpec.Effect(prompt: prompt, at: at, duration: duration, gainDecibels: gain)
    }

    private func effectDuration(_ node: SpecNode) -> SpecTime? {
        guard let time = node.time() else { return nil }
        guard let profile else { return time }
        let samples = time.samples(in: profile)
        guard samples > 0, samples <= SpecLimits.effectSecondsMax * profile.sampleRate else {
            node.fault(.outOfRange, "is \(time): an effect lasts more than 0s, at most \(SpecLimits.effectSecondsMax)s")
            return nil
        }
        return time
    }

    /// Reads where a sound begins, which must be in its shot.
    private func start(_ node: SpecNode, shotFrames: Int?) -> SpecTime? {
        guard let time = node.time() else { return nil }
        guard let profile, let shotFrames else { return time }
        guard time.samples(in: profile) < profile.sample(atFrame: shotFrames) else {
            node.fault(
                .outsideShot, "\(time) is not within its shot of \(shotFrames)f: begin earlier, or lengthen the shot")
            return nil
        }
        return time
    }

    private func transition(_ node: SpecNode) -> Transition? {
        guard let fields = node.fields(["kind", "frames", "duration"]) else { return nil }
        let kind = fields.required("kind", example: "kind: dissolve")?.choice(Transition.Kind.self)
        if fields.has("frames"), fields.has("duration") {
            node.fault(.conflict, "frames and duration say the same: keep one")
            return nil
        }
        let standard = kind == .cut ? 0 : Self.standardTransitionFrames
        let length =
            fields.has("frames")
            ? fields.read("frames", or: standard, transitionFrames)
            : fields.read("duration", or: standard) { frames($0, in: SpecLimits.framesPerShot) }
        guard let kind, let length else { return nil }
        if kind == .cut, length > 0 {
            node.fault(.conflict, "a cut has no length: remove it, or use dissolve or fade")
            return nil
        }
        return Transition(kind: kind, frames: length)
    }

    /// Reads `12` or `12f`.
    private func transitionFrames(_ node: SpecNode) -> Int? {
        if case .string = node.value { return frames(node, in: SpecLimits.framesPerShot) }
        return node.integer(in: SpecLimits.framesPerShot)
    }
}
