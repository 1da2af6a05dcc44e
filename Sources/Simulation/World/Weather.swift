/// What may go wrong at a single step.
enum Fault: Int, CaseIterable {
    case requestLost, requestLate, answerLost
    case commitFails, commitUnknown
    case hintLost, hintRepeated, acknowledgementLost
    case publishLost, confirmLost, reportRepeated, cancelNewsLost
    case workerDies, dispatcherDies, hubDies, diskFull, taskFails
}

/// How bad a seed's world is, until it heals: each seed has other faults, and other odds for them.
struct Weather {
    /// From then on nothing fails any more.
    let healsAt: Instant
    /// The pause between two disasters, in milliseconds.
    let disasterPause: Int
    /// A fault strikes once in so many steps; never when that is 0.
    private var odds: [Int]

    init(_ dice: inout Dice) {
        healsAt = dice.integer(20...60) * 1_000
        disasterPause = dice.integer(1...8) * 1_000
        odds = []
        for _ in Fault.allCases { odds.append(dice.once(in: 3) ? 0 : dice.integer(5...80)) }
    }

    func odds(of fault: Fault) -> Int { odds[fault.rawValue] }
}
