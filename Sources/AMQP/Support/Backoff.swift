/// Growing, jittered pauses between attempts to reach the broker.
struct Backoff {
    static let shortest: Duration = .milliseconds(100)
    static let longest: Duration = .seconds(5)
    /// A connection that lived this long was a good one: the next pause is short again.
    static let healthyAfter: Duration = .seconds(10)

    private var ceiling = shortest

    /// The next pause: between half of the current ceiling and all of it, the ceiling doubling up to ``longest``.
    mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        let pause = ceiling * Double.random(in: 0.5...1, using: &generator)
        ceiling = min(ceiling * 2, Self.longest)
        return pause
    }

    mutating func next() -> Duration {
        var generator = SystemRandomNumberGenerator()
        return next(using: &generator)
    }

    mutating func reset() { ceiling = Self.shortest }
}
