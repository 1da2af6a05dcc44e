/// Everything a worker needs to know to do a task, besides its inputs.
package enum TaskSpec: Sendable, Hashable {
    case video(VideoSpec)
    case speech(SpeechSpec)
    case music(MusicSpec)
    case effect(EffectSpec)
    case lipsync(LipsyncSpec)
    case prompts(PromptsSpec)
    case compose(ComposeSpec)
    case noop(NoopSpec)

    /// Which workers can do it.
    package var kind: TaskKind {
        switch self {
        case .video: .video
        case .speech, .music, .effect: .audio
        case .lipsync: .lipsync
        case .prompts: .llm
        case .compose: .compose
        case .noop: .noop
        }
    }

    /// The files it makes; the first is what dependents receive.
    package var outputs: [OutputDeclaration] {
        switch self {
        case .video: [OutputDeclaration(name: "video.mp4", contentType: "video/mp4")]
        case .speech: [OutputDeclaration(name: "speech.wav", contentType: "audio/wav")]
        case .music: [OutputDeclaration(name: "music.flac", contentType: "audio/flac")]
        case .effect: [OutputDeclaration(name: "effect.wav", contentType: "audio/wav")]
        case .lipsync: [OutputDeclaration(name: "lipsync.mp4", contentType: "video/mp4")]
        case .prompts: [OutputDeclaration(name: "prompts.json", contentType: "application/json")]
        case .compose:
            [
                OutputDeclaration(name: "film.mp4", contentType: "video/mp4"),
                OutputDeclaration(name: "poster.jpg", contentType: "image/jpeg"),
                OutputDeclaration(name: "report.json", contentType: "application/json"),
            ]
        case .noop: []
        }
    }
}

/// A file that a task promises to make.
package struct OutputDeclaration: Sendable, Hashable, Codable {
    package let name: String
    package let contentType: String

    package init(name: String, contentType: String) {
        self.name = name
        self.contentType = contentType
    }
}
