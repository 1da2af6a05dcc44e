/// What is going to happen, by time; what happens at the same time does so in an order drawn by lot.
struct Agenda {
    private struct Entry {
        let time: Instant
        let lot: UInt64
        let event: Event

        static func < (left: Entry, right: Entry) -> Bool {
            left.time != right.time ? left.time < right.time : left.lot < right.lot
        }
    }

    /// A binary heap.
    private var entries: [Entry] = []

    mutating func add(_ event: Event, at time: Instant, lot: UInt64) {
        var place = entries.count
        let entry = Entry(time: time, lot: lot, event: event)
        entries.append(entry)
        while place > 0 {
            let parent = (place - 1) / 2
            guard entry < entries[parent] else { break }
            entries.swapAt(place, parent)
            place = parent
        }
    }

    mutating func next() -> (time: Instant, event: Event)? {
        guard let last = entries.popLast() else { return nil }
        guard let first = entries.first else { return (last.time, last.event) }
        entries[0] = last
        var place = 0
        while true {
            var child = 2 * place + 1
            guard child < entries.count else { break }
            if child + 1 < entries.count, entries[child + 1] < entries[child] { child += 1 }
            guard entries[child] < entries[place] else { break }
            entries.swapAt(place, child)
            place = child
        }
        return (first.time, first.event)
    }
}
