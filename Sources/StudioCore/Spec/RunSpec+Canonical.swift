extension RunSpec {
    /// The spec as one line of JSON: every default written out, shot lengths in frames, names sorted.
    ///
    /// Reads back as an equal spec; equal specs have equal texts.
    package var canonicalJSON: String { document.canonicalText }

    /// The spec as a document.
    package var document: JSONValue {
        var members: [(String, JSONValue)]
        switch work {
        case .film(let film): members = film.members
        case .load(let load):
            members = [
                ("noop", .object([("tasks", .int(load.tasks)), ("sleep_ms", .int(load.sleepMilliseconds))]))
            ]
        }
        members.append(("policy", policy.document))
        if !metadata.isEmpty {
            members.append(
                ("metadata", .object(metadata.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })))
        }
        if !labels.isEmpty { members.append(("labels", .array(labels.map { .string($0) }))) }
        return .object(members)
    }
}

extension RunSpec.Policy {
    fileprivate var document: JSONValue {
        .object(
            [("priority", .string(priority.rawValue)), ("attempts_max", .int(attemptsMax))]
                + (deadlineSeconds.map { [("deadline", .string("\($0)s"))] } ?? [])
                + (requires.isEmpty ? [] : [("requires", requires.document)]))
    }
}

extension TaskRequirements {
    fileprivate var document: JSONValue {
        var members: [(String, JSONValue)] = []
        if vramMiB > 0 { members.append(("vram_mib", .int(vramMiB))) }
        if !labels.isEmpty {
            members.append(("labels", .object(labels.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })))
        }
        return .object(members)
    }
}

extension RunSpec.Film {
    fileprivate var members: [(String, JSONValue)] {
        let header: JSONValue = .object([
            ("title", .string(title)), ("fps", .string(frameRate.description)), ("size", .string("\(width)x\(height)")),
            ("language", .string(language)), ("seed", .int(seed)), ("style", .string(style)),
            ("expand_prompts", .bool(expandPrompts)),
        ])
        func named(_ kind: PlannedEntity.Kind) -> JSONValue {
            .object(entities.filter { $0.kind == kind }.map { ($0.name, $0.document) })
        }
        return [
            ("film", header), ("characters", named(.character)), ("places", named(.place)),
            ("music", .array(music.map(\.document))), ("shots", .array(shots.map(\.document))),
        ]
    }
}

extension RunSpec.Entity {
    fileprivate var document: JSONValue {
        .object([("description", .string(description))] + (voice.map { [("voice", .string($0))] } ?? []))
    }
}

extension RunSpec.Music {
    fileprivate var document: JSONValue {
        .object([
            ("prompt", .string(prompt)), ("from", .string(from.description)),
            ("to", .string(to?.description ?? "end")), ("gain_db", .double(gainDecibels)),
        ])
    }
}

extension RunSpec.Shot {
    fileprivate var document: JSONValue {
        var transition: [(String, JSONValue)] = [("kind", .string(self.transition.kind.rawValue))]
        if self.transition.frames > 0 { transition.append(("frames", .int(self.transition.frames))) }
        let video: JSONValue = .object([
            ("prompt", .string(prompt)), ("entities", .array(entities.map { .string($0) })), ("model", .string(model)),
        ])
        return .object([
            ("id", .string(id)), ("duration", .string("\(frames)f")), ("video", video),
            ("dialogue", .array(dialogue.map(\.document))), ("lipsync", .bool(lipsync)),
            ("effects", .array(effects.map(\.document))), ("transition", .object(transition)),
        ])
    }
}

extension RunSpec.Line {
    fileprivate var document: JSONValue {
        .object([("by", .string(by)), ("at", .string(at.description)), ("line", .string(line))])
    }
}

extension RunSpec.Effect {
    fileprivate var document: JSONValue {
        .object([
            ("prompt", .string(prompt)), ("at", .string(at.description)), ("duration", .string(duration.description)),
            ("gain_db", .double(gainDecibels)),
        ])
    }
}
