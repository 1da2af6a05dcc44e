/// What the attempts of a run have cost.
package struct SpentRecord: Codable, Sendable, Hashable {
    package let run: RunID
    package let total: SpentTimes
    /// By the shot's name; what belongs to no shot is in the total only.
    package let shots: [String: SpentTimes]

    package init(run: RunID, total: SpentTimes, shots: [String: SpentTimes]) {
        self.run = run
        self.total = total
        self.shots = shots
    }
}
