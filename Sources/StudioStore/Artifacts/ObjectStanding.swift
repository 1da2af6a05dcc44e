/// What an object in the store is to the rows.
package enum ObjectStanding: String, Sendable, CaseIterable {
    /// An artifact's row shows it.
    case visible
    /// Its attempt may still report it.
    case live
    /// No row shows it, and none ever will.
    case dead
    /// The rows know nothing of its task or attempt: another database's, or newer than what was restored.
    case unknown
}
