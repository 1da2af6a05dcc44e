@testable import StudioCore

/// Makes valid films of every shape.
struct RandomFilm {
    private var generator: SeededGenerator
    private let rate: FrameRate
    private let rateText: String

    init(seed: UInt64) {
        generator = SeededGenerator(seed)
        let rates = SpecLimits.frameRates
        let choice = rates[generator.integer(0...rates.count - 1)]
        (rateText, rate) = (choice.text, choice.rate)
    }

    mutating func document() -> JSONValue {
        var tail = 0
        var shots: [JSONValue] = []
        let count = generator.integer(1...12)
        for number in 1...count {
            let head = tail
            tail = number < count && generator.once(in: 2) ? generator.integer(1...30) : 0
            let frames = head + tail + generator.integer(1...150)
            let kind = head == 0 ? "cut" : generator.once(in: 2) ? "dissolve" : "fade"
            shots.append(shot(number, frames: frames, transition: (kind, head)))
        }
        let header: [(String, JSONValue)] = [
            ("title", .string("Film")), ("fps", .string(rateText)), ("seed", .int(generator.integer(0...1_000_000))),
            ("expand_prompts", .bool(generator.once(in: 2))),
        ]
        let description: JSONValue = .object([("description", .string("somebody"))])
        return .object([
            ("film", .object(header)), ("characters", .object([("mara", description), ("ben", description)])),
            ("places", .object([("pier", description)])),
            ("music", .array((0..<generator.integer(0...2)).map { _ in .object([("prompt", .string("cello"))]) })),
            ("shots", .array(shots)),
        ])
    }

    private mutating func shot(_ number: Int, frames: Int, transition: (kind: String, frames: Int)) -> JSONValue {
        let lines = generator.integer(0...3)
        var change: [(String, JSONValue)] = [("kind", .string(transition.kind))]
        if transition.frames > 0 { change.append(("frames", .int(transition.frames))) }
        return .object([
            ("id", .string("s\(number)")), ("duration", .string("\(frames)f")),
            ("video", .object([("prompt", .string("Mara walks")), ("entities", .array([.string("mara")]))])),
            ("dialogue", .array((0..<lines).map { _ in line(frames: frames) })),
            ("lipsync", .bool(lines > 0 && generator.once(in: 2))),
            ("effects", .array((0..<generator.integer(0...2)).map { _ in effect(frames: frames) })),
            ("transition", .object(change)),
        ])
    }

    private mutating func line(frames: Int) -> JSONValue {
        .object([
            ("by", .string(generator.once(in: 2) ? "mara" : "ben")), ("at", place(frames: frames)),
            ("line", .string("They are late.")),
        ])
    }

    private mutating func effect(frames: Int) -> JSONValue {
        .object([
            ("prompt", .string("gull")), ("at", place(frames: frames)),
            ("duration", .string("\(generator.integer(1...9)).\(generator.integer(0...999))s")),
        ])
    }

    /// A time within the shot, in frames or in milliseconds.
    private mutating func place(frames: Int) -> JSONValue {
        if generator.once(in: 2) { return .string("\(generator.integer(0...frames - 1))f") }
        let milliseconds = (frames - 1) * 1_000 * rate.denominator / rate.numerator
        return .string(SpecTime.nanoseconds(generator.integer(0...milliseconds) * 1_000_000).description)
    }
}
