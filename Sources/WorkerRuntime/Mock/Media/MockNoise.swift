/// A sound effect as a filter chain, chosen by the words that ask for it.
struct MockNoise {
    /// What a sound is made from.
    enum Recipe: String, CaseIterable {
        case gull, bell, thunder, wind, rain, surf, steps, knock, engine, clock, fire, birds, horn, door, whoosh
    }

    private static let words: [(Recipe, [String])] = [
        (.gull, ["gull", "seagull"]), (.bell, ["bell", "chime", "gong"]),
        (.thunder, ["thunder", "explosion", "rumble"]),
        (.rain, ["rain", "drizzle", "shower"]), (.surf, ["sea", "wave", "surf", "ocean", "water", "splash"]),
        (.wind, ["wind", "breeze", "gale", "storm", "air"]), (.steps, ["step", "footstep", "walk", "run"]),
        (.knock, ["knock", "tap", "hit"]), (.engine, ["engine", "motor", "car", "train", "machine"]),
        (.clock, ["clock", "tick", "watch"]), (.fire, ["fire", "crackle", "flame", "match"]),
        (.birds, ["bird", "song", "chirp", "tweet"]), (.horn, ["horn", "foghorn", "ship", "boat"]),
        (.door, ["door", "creak", "hinge", "gate"]),
    ]

    let recipe: Recipe
    let dice: MockDice
    let seed: UInt64

    init(prompt: String, seed: UInt64) {
        var dice = MockDice(seed, "noise")
        let asked = prompt.lowercased().split { !$0.isLetter }.map(String.init)
        let found = asked.lazy.compactMap { word in
            Self.words.first { row in row.1.contains { word == $0 || word == $0 + "s" } }?.0
        }.first
        recipe = found ?? .whoosh
        self.seed = dice.next() % 1_000_000
        self.dice = dice
    }

    /// The graph's text; ends at the label `noise`, exactly `samples` long.
    func graph(samples: Int, rate: Int) -> String {
        let seconds = Double(samples) / Double(rate)
        let fall = min(0.25, seconds / 4)
        return source(seconds, rate) + ",aresample=\(rate),aformat=sample_fmts=flt:channel_layouts=mono,"
            + "alimiter=limit=0.8:level=0,atrim=end_sample=\(samples),asetpts=N/SR/TB,"
            + "afade=t=out:st=\(max(0, seconds - fall).decimal):d=\(fall.decimal),apad=whole_len=\(samples),"
            + "atrim=end_sample=\(samples)[noise]\n"
    }
}
