extension Settings {
    /// What a summary shows of a secret that is there.
    package static let setSecret = "(set)"
}
