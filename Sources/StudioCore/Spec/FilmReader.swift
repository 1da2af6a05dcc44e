/// Reads the parts of a document that describe a film.
struct FilmReader {
    private let document: SpecFields

    init(_ document: SpecFields) {
        self.document = document
    }

    /// Reads everything, so that all faults are found, and only then gives up.
    func read() -> RunSpec.Film? {
        let header = document.required("film", example: "film: {title: …}").flatMap(FilmHeader.init)
        let characters = entities("characters", .character, max: SpecLimits.charactersMax)
        let places = entities("places", .place, max: SpecLimits.placesMax)
        if let characters, let places { checkNames(characters, places) }
        let cast = characters.map { Set($0.map(\.name)) }
        let known = cast.flatMap { cast in places.map { cast.union($0.map(\.name)) } }
        let reader = ShotReader(profile: header?.profile, characters: cast, entities: known)
        let shots = document.required("shots", example: "shots: [{id: s01, duration: 4s, video: {prompt: …}}]")
            .flatMap(reader.shots)
        let frames = shots.map { shots in shots.reduce(0) { $0 + $1.frames - $1.transition.overlap } }
        let music = document.read("music", or: []) { cues($0, profile: header?.profile, frames: frames) }
        guard let header, let characters, let places, let shots, let music else { return nil }
        let film = header.film(entities: characters + places, music: music, shots: shots)
        check(film)
        return film
    }

    private func entities(_ field: String, _ kind: PlannedEntity.Kind, max: Int) -> [RunSpec.Entity]? {
        document.read(field, or: []) { node in
            node.members(max: max)?.compactMap { entity(named: $0.name, $0.node, kind) }.sorted { $0.name < $1.name }
        }
    }

    /// A faulty entity still defines its name, so that no line that uses it is faulty too.
    private func entity(named name: String, _ node: SpecNode, _ kind: PlannedEntity.Kind) -> RunSpec.Entity? {
        let known = kind == .character ? ["description", "voice"] : ["description"]
        let name = SpecNode(value: .string(name), pointer: node.pointer, log: node.log).identifier()
        let fields = node.fields(known)
        let description = fields?.required("description", example: "description: \"what the picture should show\"")?
            .text(max: SpecLimits.descriptionMax)
        let voice = fields?.read("voice", or: RunSpec.Entity.standardVoice) { $0.token("a voice") }
        guard let name else { return nil }
        return RunSpec.Entity(
            kind: kind, name: name, description: description ?? "", voice: kind == .character ? voice : nil)
    }

    /// Shots name characters and places alike, so that one name must not be both.
    private func checkNames(_ characters: [RunSpec.Entity], _ places: [RunSpec.Entity]) {
        let names = Set(characters.map(\.name))
        for place in places where names.contains(place.name) {
            document.optional("places").map { places in
                places.log.add(places.pointer.appending(place.name), .duplicate) {
                    "a character has this name too: rename one of them"
                }
            }
        }
    }

    private func cues(_ node: SpecNode, profile: DeliveryProfile?, frames: Int?) -> [RunSpec.Music]? {
        node.elements(max: SpecLimits.musicMax)?.compactMap { cue in
            guard let fields = cue.fields(["prompt", "from", "to", "gain_db"]) else { return nil }
            let prompt = fields.required("prompt", example: "prompt: \"slow cello\"")?.text(max: SpecLimits.promptMax)
            let from = fields.read("from", or: .zero) { $0.time() }
            let to = fields.read("to", or: SpecTime?.none) { node -> SpecTime?? in
                if node.value == .string("end") { return .some(nil) }
                return node.time().map { .some($0) }
            }
            let gain = fields.read("gain_db", or: 0) { $0.number(in: SpecLimits.gainDecibels) }
            guard let prompt, let from, let to, let gain else { return nil }
            if let profile, let frames {
                checkMusic(fields, from.samples(in: profile), to?.samples(in: profile), profile.sample(atFrame: frames))
            }
            return RunSpec.Music(prompt: prompt, from: from, to: to, gainDecibels: gain)
        }
    }

    private func checkMusic(_ fields: SpecFields, _ from: Int, _ to: Int?, _ end: Int) {
        if from >= end {
            (fields.optional("from") ?? fields.node).fault(.outsideFilm, "is past the film's end: begin earlier")
        }
        guard let to, let node = fields.optional("to") else { return }
        if to > end {
            node.fault(.outsideFilm, "is past the film's end: write end")
        } else if to <= from {
            node.fault(.outsideFilm, "is not after from: end later, or write end")
        }
    }

    private func check(_ film: RunSpec.Film) {
        let rate = film.frameRate
        if film.frames * rate.denominator > SpecLimits.filmSecondsMax * rate.numerator {
            document.optional("shots")?.fault(
                .outOfRange, "the film is longer than \(SpecLimits.filmSecondsMax / 3_600) hours: make it in parts")
        }
        let tasks = film.shots.reduce(2 + film.music.count) {
            $0 + 1 + $1.dialogue.count + $1.effects.count + ($1.lipsync ? 1 : 0)
        }
        if tasks > SpecLimits.tasksMax {
            document.optional("shots")?.fault(
                .tooMany, "the film needs \(tasks) tasks, at most \(SpecLimits.tasksMax): make it in parts")
        }
    }
}
