/// Which queue is asked for a message next, when several queues share one prefetch.
///
/// No I/O. The broker counts a prefetch for each queue, and quorum queues know no other: a consumer of several is sent
/// more than it may handle, and sits on messages that others could handle at once. To return those is no way out, for
/// each return counts towards the delivery limit. So messages are asked for (`basic.get`), never more than there is
/// room for; and only when every queue has answered that it is empty does the consumer subscribe to all, to wait.
///
/// Earlier ranks starve nobody: after ``inRowMax`` messages of theirs, a later rank is asked for one first. So of what
/// a consumer of one place is given, at least one in ``inRowMax`` + 1 comes from a later rank while something waits
/// there; a consumer of *n* places may be given up to *n* - 1 more before that.
struct QueueTurns {
    /// Messages of an earlier rank in a row, as long as something may wait in a later one.
    static let inRowMax = 8

    /// Those of an earlier rank go first; within a rank, the one whose turn is longest ago.
    private var ranks: [[String]]
    /// Messages of earlier ranks than the last, since a later one gave one or turned out to be empty.
    private var inRow = 0
    /// Whether the queue that is asked was chosen from the last rank on.
    private var isLatersTurn = false
    /// Asked, and not answered yet.
    private(set) var askedCount = 0
    /// Those that have answered that they are empty, since the last message.
    private var empty: Set<String> = []
    /// How much more room there was when a single queue was asked.
    private var moreRoom = 0
    /// The queue that then gave a message, and how many more are to be had from it.
    private var rest: (queue: String, count: Int)?

    init(ranks: [[String]]) {
        self.ranks = ranks
    }

    /// Whether nothing waits anywhere, as far as the answers tell.
    var areAllEmpty: Bool { askedCount == 0 && ranks.allSatisfy { $0.allSatisfy(empty.contains) } }

    /// The queues to ask now, one message each, when there is room for so many more.
    ///
    /// One at a time until one gives a message; then the room that there was is filled from it.
    mutating func ask(room: Int) -> [String] {
        let free = max(0, room - askedCount)
        if let (queue, count) = rest {
            rest = nil
            let asked = Array(repeating: queue, count: min(count, free))
            askedCount += asked.count
            if !asked.isEmpty { return asked }
        }
        guard free > 0, askedCount == 0 else { return [] }
        isLatersTurn = inRow >= Self.inRowMax
        guard let queue = first(in: isLatersTurn ? ranks.reversed() : ranks) else { return [] }
        askedCount = 1
        // It is one that they are given, not all the room.
        moreRoom = isLatersTurn ? 0 : free - 1
        return [queue]
    }

    private func first(in ranks: [[String]]) -> String? {
        for rank in ranks {
            if let queue = rank.first(where: { !empty.contains($0) }) { return queue }
        }
        return nil
    }

    /// A queue that was asked gave a message, and has `left` more: its turn is over, and all may be asked again.
    mutating func gave(_ queue: String, left: Int) {
        askedCount -= 1
        empty = []
        rest = (queue, min(left, moreRoom))
        moreRoom = 0
        for rank in ranks.indices {
            guard let place = ranks[rank].firstIndex(of: queue) else { continue }
            inRow = rank == ranks.count - 1 || isLatersTurn ? 0 : inRow + 1
            isLatersTurn = false
            ranks[rank].append(ranks[rank].remove(at: place))
        }
    }

    /// A queue that was asked is empty.
    mutating func wasEmpty(_ queue: String) {
        askedCount -= 1
        empty.insert(queue)
    }

    /// What was learned is out of date.
    mutating func forget() {
        empty = []
        rest = nil
    }
}
