/// Growing, jittered pauses between tries.
struct Backoff {
    private let first: Duration
    private let longest: Duration
    private var ceiling: Duration

    /// - Parameters:
    ///   - first: the ceiling of the first pause; it doubles with each.
    ///   - longest: no pause is longer.
    init(first: Duration = .milliseconds(100), longest: Duration = .seconds(5)) {
        self.first = first
        self.longest = longest
        ceiling = first
    }

    /// The next pause: between half of the ceiling and all of it, so that workers that failed together spread out.
    mutating func next() -> Duration {
        let pause = ceiling * Double.random(in: 0.5...1)
        ceiling = min(ceiling * 2, longest)
        return pause
    }

    mutating func reset() { ceiling = first }
}
