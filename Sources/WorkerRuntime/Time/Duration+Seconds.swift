extension Duration {
    /// The duration in seconds.
    var secondsValue: Double { self / .seconds(1) }
}
