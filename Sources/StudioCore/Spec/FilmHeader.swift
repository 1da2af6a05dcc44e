/// The field `film` of a document.
struct FilmHeader {
    private let title: String
    private let frameRate: FrameRate
    private let width: Int
    private let height: Int
    private let language: String
    private let seed: Int
    private let style: String
    private let expandPrompts: Bool

    var profile: DeliveryProfile {
        film(entities: [], music: [], shots: []).profile
    }

    init?(_ node: SpecNode) {
        let known = ["title", "fps", "size", "language", "seed", "style", "expand_prompts"]
        guard let fields = node.fields(known) else { return nil }
        let title = fields.required("title", example: "title: \"Harbour at Dawn\"")?.text(max: SpecLimits.titleMax)
        let rate = fields.read("fps", or: FrameRate(24), Self.frameRate)
        let size = fields.read("size", or: (1_280, 720), Self.size)
        let language = fields.read("language", or: "en", Self.language)
        let seed = fields.read("seed", or: 0) { $0.integer(in: SpecLimits.seeds) }
        let style = fields.read("style", or: "") { $0.text(max: SpecLimits.styleMax, mayBeEmpty: true) }
        let expand = fields.read("expand_prompts", or: false) { $0.boolean() }
        guard let title, let rate, let size, let language, let seed, let style, let expand else { return nil }
        self.title = title
        frameRate = rate
        (width, height) = size
        self.language = language
        self.seed = seed
        self.style = style
        expandPrompts = expand
    }

    func film(entities: [RunSpec.Entity], music: [RunSpec.Music], shots: [RunSpec.Shot]) -> RunSpec.Film {
        RunSpec.Film(
            title: title, frameRate: frameRate, width: width, height: height, language: language, seed: seed,
            style: style, expandPrompts: expandPrompts, entities: entities, music: music, shots: shots)
    }

    private static func frameRate(_ node: SpecNode) -> FrameRate? {
        let text: String
        switch node.value {
        case .int(let number): text = String(number)
        case .string(let string): text = string
        case .double:
            node.fault(.wrongType, "is not exact: write a fraction, \"24000/1001\" for 23.976")
            return nil
        default:
            node.fault(.wrongType, "is \(node.value.noun), expected frames a second: write 24")
            return nil
        }
        if let known = SpecLimits.frameRates.first(where: { $0.text == text }) { return known.rate }
        let all = SpecLimits.frameRates.map(\.text).joined(separator: ", ")
        node.fault(.unknownValue, "\(SpecFault.quote(text)) frames a second are not supported: use one of \(all)")
        return nil
    }

    private static func size(_ node: SpecNode) -> (Int, Int)? {
        guard let text = node.word("a size like 1280x720") else { return nil }
        let sides = text.split(separator: "x", omittingEmptySubsequences: false).map { side in
            side.utf8.allSatisfy(SpecNode.isDigit) ? Int(side) : nil
        }
        guard sides.count == 2, let width = sides[0], let height = sides[1] else {
            node.fault(.wrongFormat, "\(SpecFault.quote(text)) is not a size: write width x height, 1280x720")
            return nil
        }
        let range = SpecLimits.sidePixels
        guard range.contains(width), range.contains(height), width % 2 == 0, height % 2 == 0 else {
            node.fault(
                .outOfRange,
                "\(text.prefix(20)): both sides must be even, \(range.lowerBound) to \(range.upperBound); try 1280x720")
            return nil
        }
        return (width, height)
    }

    /// Reads a BCP 47 tag by its shape: a language of 2 or 3 letters, then subtags of 1 to 8 letters or digits.
    private static func language(_ node: SpecNode) -> String? {
        guard let text = node.word("a language tag") else { return nil }
        let tags = text.split(separator: "-", omittingEmptySubsequences: false)
        let valid =
            tags.count <= 4 && 2...3 ~= (tags.first?.utf8.count ?? 0)
            && tags.first?.utf8.allSatisfy(SpecNode.isLower) == true
            && tags.dropFirst().allSatisfy { tag in
                1...8 ~= tag.utf8.count && tag.utf8.allSatisfy { SpecNode.isLower($0 | 0x20) || SpecNode.isDigit($0) }
            }
        guard valid else {
            node.fault(.wrongFormat, "\(SpecFault.quote(text)) is not a language tag: write en, or en-GB")
            return nil
        }
        return text
    }
}
