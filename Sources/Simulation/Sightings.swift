/// Something that a simulation must have seen, or it proves nothing.
package enum Sight: Int, Sendable, CaseIterable {
    case tasks, runs, attempts, steps
    case succeededTasks, failedTasks, canceledTasks, skippedTasks, reopenedTasks, poisonedTasks
    case lostHints, repeatedHints, hintsSentAgain, duplicateClaims, repeatedGrants
    case expiredLeases, renewedInTime, takeovers, leasesGivenUp, staleRenewals, staleUploads, uploadsAlreadyThere
    case staleReports, repeatedReports, lostReports, leftoversSent, cancelRaces, handBacks
    case failedCommits, unknownCommits, repeatedSubmissions
    case workerDeaths, shutdowns, freezes, channelLosses, hubDeaths, dispatcherDeaths
    case pauses, cancels, deadlines
}

/// How often each sight was seen.
package struct Sightings: Sendable {
    private var counts = [Int](repeating: 0, count: Sight.allCases.count)

    package init() {}

    package subscript(sight: Sight) -> Int { counts[sight.rawValue] }

    package mutating func note(_ sight: Sight, times: Int = 1) {
        counts[sight.rawValue] += times
    }

    package mutating func add(_ other: Sightings) {
        for sight in Sight.allCases { counts[sight.rawValue] += other[sight] }
    }
}
