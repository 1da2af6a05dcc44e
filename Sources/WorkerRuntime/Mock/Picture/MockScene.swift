import StudioCore

/// What a shot shows and in which light, read from its words and seed.
struct MockScene: Sendable {
    enum Place: String, Sendable, CaseIterable {
        case hills, mountains, city, forest, sea
    }

    enum Light: String, Sendable, CaseIterable {
        case dawn, day, dusk, night, storm
    }

    private static let placeWords: [(Place, [String])] = [
        (
            .sea,
            ["sea", "ocean", "harbour", "harbor", "boat", "ship", "coast", "shore", "island", "lighthouse", "wave"]
        ),
        (.city, ["city", "street", "tower", "roof", "office", "train", "station", "neon", "room", "house"]),
        (.forest, ["forest", "wood", "tree", "garden", "park", "jungle"]),
        (.mountains, ["mountain", "peak", "snow", "glacier", "cliff", "desert", "space", "planet"]),
        (.hills, ["hill", "field", "meadow", "village", "farm", "road", "valley"]),
    ]
    private static let lightWords: [(Light, [String])] = [
        (.storm, ["storm", "rain", "fog", "mist", "thunder", "grey", "gray", "cloud"]),
        (.night, ["night", "midnight", "moon", "star", "dark", "lamp", "lantern"]),
        (.dawn, ["dawn", "morning", "sunrise", "wakes"]),
        (.dusk, ["dusk", "evening", "sunset", "twilight", "golden"]),
        (.day, ["noon", "day", "sunny", "bright", "summer"]),
    ]

    let place: Place
    let light: Light
    let hasLighthouse: Bool
    let skyTop: MockColor
    let skyMiddle: MockColor
    let horizon: MockColor
    let sun: MockColor
    let far: MockColor
    let near: MockColor
    /// For small print that belongs to the picture.
    let accent: MockColor

    init(_ spec: VideoSpec) {
        let prompt = Self.words(spec.prompt)
        let cues =
            prompt + spec.entities.flatMap { Self.words("\($0.name) \($0.description)") } + Self.words(spec.style)
        var dice = MockDice(spec.seed, "scene")
        // The light of a film is one; a shot's own words may change it.
        var style = MockDice("\(spec.style)/light")
        place =
            Self.first(Self.placeWords, in: prompt) ?? Self.first(Self.placeWords, in: cues)
            ?? dice.pick(Place.allCases, else: .hills)
        light =
            Self.first(Self.lightWords, in: prompt) ?? Self.first(Self.lightWords, in: cues)
            ?? style.pick([.dawn, .day, .dusk], else: .dawn)
        hasLighthouse = cues.contains { $0.hasPrefix("lighthouse") }

        let styleWords = Self.words(spec.style)
        let isGrey = styleWords.contains { ["noir", "monochrome", "black"].contains($0) }
        let isSoft = styleWords.contains {
            ["watercolor", "watercolour", "pastel", "storybook", "gouache"].contains($0)
        }
        let shift = style.number(-22...22) + dice.number(-9...9)
        let strength = isGrey ? 0.03 : isSoft ? 0.78 : 1
        let lift = isSoft ? 0.06 : 0
        func color(_ hue: Double, _ saturation: Double, _ lightness: Double) -> MockColor {
            .hsl(hue + shift, saturation * strength, lightness + lift)
        }
        switch light {
        case .dawn:
            (skyTop, skyMiddle) = (color(222, 0.42, 0.40), color(330, 0.38, 0.62))
            (horizon, sun) = (color(32, 0.85, 0.74), color(45, 0.95, 0.86))
            (far, near) = (color(262, 0.28, 0.42), color(240, 0.38, 0.17))
        case .day:
            (skyTop, skyMiddle) = (color(212, 0.62, 0.44), color(203, 0.58, 0.64))
            (horizon, sun) = (color(48, 0.52, 0.84), color(52, 0.98, 0.90))
            (far, near) = (color(198, 0.32, 0.46), color(168, 0.42, 0.18))
        case .dusk:
            (skyTop, skyMiddle) = (color(252, 0.48, 0.21), color(322, 0.46, 0.40))
            (horizon, sun) = (color(18, 0.88, 0.60), color(30, 0.95, 0.74))
            (far, near) = (color(284, 0.34, 0.26), color(262, 0.46, 0.10))
        case .night:
            (skyTop, skyMiddle) = (color(232, 0.58, 0.07), color(226, 0.48, 0.15))
            (horizon, sun) = (color(212, 0.42, 0.29), color(55, 0.35, 0.90))
            (far, near) = (color(226, 0.40, 0.13), color(232, 0.52, 0.055))
        case .storm:
            (skyTop, skyMiddle) = (color(216, 0.20, 0.19), color(210, 0.16, 0.34))
            (horizon, sun) = (color(196, 0.16, 0.55), color(50, 0.20, 0.72))
            (far, near) = (color(208, 0.18, 0.26), color(214, 0.28, 0.10))
        }
        accent = .hsl(38 + shift, 0.9 * strength, 0.74)
    }

    private static func words(_ text: String) -> [String] {
        text.lowercased().split { !$0.isLetter }.map(String.init)
    }

    /// What the earliest telling word stands for; plurals count.
    private static func first<Kind>(_ table: [(Kind, [String])], in words: [String]) -> Kind? {
        for word in words {
            if let row = table.first(where: { row in row.1.contains { word == $0 || word == $0 + "s" } }) {
                return row.0
            }
        }
        return nil
    }
}
