extension TaskSpec: Codable {
    private enum Form: String, Codable {
        case video, speech, music, effect, lipsync, prompts, compose, noop
    }

    private enum Key: String, CodingKey {
        case form, body
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        switch try container.decode(Form.self, forKey: .form) {
        case .video: self = .video(try container.decode(VideoSpec.self, forKey: .body))
        case .speech: self = .speech(try container.decode(SpeechSpec.self, forKey: .body))
        case .music: self = .music(try container.decode(MusicSpec.self, forKey: .body))
        case .effect: self = .effect(try container.decode(EffectSpec.self, forKey: .body))
        case .lipsync: self = .lipsync(try container.decode(LipsyncSpec.self, forKey: .body))
        case .prompts: self = .prompts(try container.decode(PromptsSpec.self, forKey: .body))
        case .compose: self = .compose(try container.decode(ComposeSpec.self, forKey: .body))
        case .noop: self = .noop(try container.decode(NoopSpec.self, forKey: .body))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        func write(_ form: Form, _ body: some Encodable) throws {
            try container.encode(form, forKey: .form)
            try container.encode(body, forKey: .body)
        }
        switch self {
        case .video(let body): try write(.video, body)
        case .speech(let body): try write(.speech, body)
        case .music(let body): try write(.music, body)
        case .effect(let body): try write(.effect, body)
        case .lipsync(let body): try write(.lipsync, body)
        case .prompts(let body): try write(.prompts, body)
        case .compose(let body): try write(.compose, body)
        case .noop(let body): try write(.noop, body)
        }
    }
}
