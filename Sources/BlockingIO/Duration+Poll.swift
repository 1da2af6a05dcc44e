extension Duration {
    /// Whole milliseconds for `poll(2)`, rounded up so that a wait never ends early; zero when negative.
    package var pollMilliseconds: Int32 {
        guard self > .zero else { return 0 }
        let (seconds, attoseconds) = components
        let remainder = (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return Int32(clamping: min(seconds, Int64(Int32.max)) * 1000 + remainder)
    }
}
