import Foundation

/// How long it took until somebody else had what a dead worker had had, in seconds.
struct TakeOverTimes: Sendable {
    /// After another fault is healed, it may still be in the way for so long, in seconds.
    static let aftermath = 15.0

    let all: [Double]
    /// Where no other fault got in the way, from the death to the limit.
    let undisturbed: [Double]

    init(records: [FaultRecord], timeline: ChaosTimeline) {
        var all: [Double] = []
        var undisturbed: [Double] = []
        for record in records where record.outcome == .injected {
            let times = timeline.takeOverTimes(after: record)
            all += times
            if !Self.isDisturbed(record, by: records) { undisturbed += times }
        }
        self.all = all
        self.undisturbed = undisturbed
    }

    private static func isDisturbed(_ fault: FaultRecord, by records: [FaultRecord]) -> Bool {
        let begin = fault.begin.addingTimeInterval(-aftermath)
        let end = fault.begin.addingTimeInterval(ChaosConfiguration.takeOverLimit)
        return records.contains { other in
            guard other.number != fault.number, other.outcome != .skipped, other.outcome != .missed,
                !other.kind.resources.isSubset(of: [.messages, .client])
            else { return false }
            return other.begin < end && (other.end ?? .distantFuture) > begin
        }
    }
}
