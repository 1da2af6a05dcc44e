/// Lays a film out on its time line and collects the tasks that make it, each after those it depends on.
struct FilmGraph {
    /// Keys of the tasks that a film has once.
    private static let promptsKey = "prompts"
    private static let composeKey = "compose"

    let profile: DeliveryProfile
    private(set) var shots: [PlannedShot] = []
    private(set) var tasks: [PlannedTask] = []

    private let film: RunSpec.Film
    private let policy: RunSpec.Policy
    private let samples: Int
    private let cues: [String: EntityCue]
    private let voices: [String: String]

    private var segments: [Timeline.Segment] = []
    private var speech: [Timeline.Clip] = []
    private var effects: [Timeline.Clip] = []
    private var music: [Timeline.Clip] = []
    private var composeInputs: [PlannedTask.Dependency] = []

    init(film: RunSpec.Film, policy: RunSpec.Policy) {
        self.film = film
        self.policy = policy
        profile = film.profile
        samples = profile.sample(atFrame: film.frames)
        cues = Dictionary(
            film.entities.map { ($0.name, EntityCue(name: $0.name, description: $0.description)) },
            uniquingKeysWith: { first, _ in first })
        voices = Dictionary(
            film.entities.compactMap { entity in entity.voice.map { (entity.name, $0) } },
            uniquingKeysWith: { first, _ in first })
    }

    mutating func build() {
        if film.expandPrompts { addPrompts() }
        var startFrame = 0
        for (index, shot) in film.shots.enumerated() {
            startFrame -= shot.transition.overlap
            let next = index + 1 < film.shots.count ? film.shots[index + 1].transition.frames : 0
            add(shot, number: index + 1, startFrame: startFrame, nextTransitionFrames: next)
            startFrame += shot.frames
        }
        for (index, cue) in film.music.enumerated() { add(cue, index) }
        addCompose()
    }

    /// The name under which a task's output enters the composer: a file name, so without a slash.
    private func input(_ key: String) -> String {
        String(key.map { $0 == "/" ? "." : $0 })
    }

    /// A seed of its own for each task, small enough to pass through any JSON reader unchanged.
    private func seed(_ key: String) -> UInt64 {
        StableHash.hash(key, seed: UInt64(film.seed)) >> 11
    }

    private mutating func add(
        _ key: String, shot: String? = nil, _ spec: TaskSpec, after dependencies: [PlannedTask.Dependency] = []
    ) {
        tasks.append(
            PlannedTask(
                key: key, shot: shot, spec: spec, dependencies: dependencies, attemptsMax: policy.attemptsMax,
                requirements: policy.requires.narrowed(to: spec)))
    }

    /// Makes the composer wait for a task's output, and names it.
    private mutating func compose(_ key: String) -> String {
        composeInputs.append(PlannedTask.Dependency(on: key, input: input(key)))
        return input(key)
    }

    private mutating func addPrompts() {
        let shots = film.shots.map { shot in
            PromptsSpec.Shot(shot: shot.id, prompt: shot.prompt, entities: shot.entities.compactMap { cues[$0] })
        }
        let key = Self.promptsKey
        add(key, .prompts(PromptsSpec(title: film.title, style: film.style, seed: seed(key), shots: shots)))
    }

    private mutating func add(_ shot: RunSpec.Shot, number: Int, startFrame: Int, nextTransitionFrames: Int) {
        shots.append(
            PlannedShot(
                name: shot.id, number: number, prompt: shot.prompt, frames: shot.frames, startFrame: startFrame))
        // Between the transitions the composer copies the picture without encoding it, which a key frame must begin.
        let keyframes = [shot.transition.frames, shot.frames - nextTransitionFrames]
            .filter { 0 < $0 && $0 < shot.frames }
        let video = "\(shot.id)/video"
        add(
            video, shot: shot.id,
            .video(
                VideoSpec(
                    shot: shot.id, number: number, prompt: shot.prompt, style: film.style,
                    entities: shot.entities.compactMap { cues[$0] }, model: shot.model, seed: seed(video),
                    profile: profile, frames: shot.frames, startFrame: startFrame, keyframes: keyframes)),
            after: film.expandPrompts ? [PlannedTask.Dependency(on: Self.promptsKey, input: Self.promptsKey)] : [])
        let startSample = profile.sample(atFrame: startFrame)
        let lines = shot.dialogue.enumerated().map { add($1, $0, of: shot, startSample: startSample) }
        for (index, effect) in shot.effects.enumerated() { add(effect, index, of: shot, startSample: startSample) }
        let picture = shot.lipsync ? addLipsync(shot, lines: lines, keyframes: keyframes) : video
        segments.append(
            Timeline.Segment(
                shot: shot.id, input: compose(picture), frames: shot.frames, startFrame: startFrame,
                transition: shot.transition))
    }

    /// Adds a line of speech and gives its place in the shot, from which its place in the film is counted:
    /// mouth and sound agree to the sample.
    private mutating func add(
        _ line: RunSpec.Line, _ index: Int, of shot: RunSpec.Shot, startSample: Int
    ) -> LipsyncSpec.Line {
        let name = "speech.\(index)"
        let key = "\(shot.id)/\(name)"
        let start = line.at.samples(in: profile)
        add(
            key, shot: shot.id,
            .speech(
                SpeechSpec(
                    line: line.line, voice: voices[line.by] ?? RunSpec.Entity.standardVoice, language: film.language,
                    seed: seed(key), sampleRate: profile.sampleRate)))
        speech.append(
            Timeline.Clip(
                input: compose(key), startSample: min(startSample + start, samples - 1), endSampleMax: samples))
        return LipsyncSpec.Line(input: name, startSample: start)
    }

    private mutating func add(_ effect: RunSpec.Effect, _ index: Int, of shot: RunSpec.Shot, startSample: Int) {
        let key = "\(shot.id)/effect.\(index)"
        let start = min(startSample + effect.at.samples(in: profile), samples - 1)
        let end = min(start + effect.duration.samples(in: profile), samples)
        add(
            key, shot: shot.id,
            .effect(
                EffectSpec(
                    prompt: effect.prompt, samples: end - start, seed: seed(key), sampleRate: profile.sampleRate)))
        effects.append(
            Timeline.Clip(
                input: compose(key), startSample: start, endSampleMax: end, gainDecibels: effect.gainDecibels))
    }

    /// Adds the lipsync of a shot and gives its key.
    private mutating func addLipsync(_ shot: RunSpec.Shot, lines: [LipsyncSpec.Line], keyframes: [Int]) -> String {
        let key = "\(shot.id)/lipsync"
        let speech = lines.map { PlannedTask.Dependency(on: "\(shot.id)/\($0.input)", input: $0.input) }
        add(
            key, shot: shot.id,
            .lipsync(
                LipsyncSpec(
                    shot: shot.id, seed: seed(key), profile: profile, frames: shot.frames, keyframes: keyframes,
                    lines: lines)),
            after: [PlannedTask.Dependency(on: "\(shot.id)/video", input: "video")] + speech)
        return key
    }

    private mutating func add(_ cue: RunSpec.Music, _ index: Int) {
        let key = "music.\(index)"
        let start = min(cue.from.samples(in: profile), samples - 1)
        let end = min(cue.to?.samples(in: profile) ?? samples, samples)
        add(
            key,
            .music(
                MusicSpec(prompt: cue.prompt, samples: end - start, seed: seed(key), sampleRate: profile.sampleRate)))
        music.append(
            Timeline.Clip(
                input: compose(key), startSample: start, endSampleMax: end, gainDecibels: cue.gainDecibels))
    }

    private mutating func addCompose() {
        let timeline = Timeline(
            profile: profile, frames: film.frames, segments: segments, speech: speech, effects: effects, music: music)
        add(Self.composeKey, .compose(ComposeSpec(title: film.title, timeline: timeline)), after: composeInputs)
    }
}
