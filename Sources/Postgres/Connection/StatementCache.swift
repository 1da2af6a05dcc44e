/// Which statements a connection has prepared: those seen for the second time, the least recently used given up first.
struct StatementCache {
    struct Key: Hashable {
        let text: String
        let types: [UInt32]
    }

    enum Plan: Equatable {
        /// Send the text.
        case unnamed
        /// Prepare under this name, then use it.
        case prepare(String)
        /// Use what was prepared.
        case named(String)
    }

    /// Longer texts are one of a kind, and would fill the memory.
    static let textBytesMax = 32_768

    private struct Entry {
        var name: String?
        var lastUse: UInt64
    }

    private let entriesMax: Int
    private var entries: [Key: Entry] = [:]
    private var uses: UInt64 = 0
    /// Names that were given up and are still prepared on the server.
    private(set) var discarded: [String] = []

    init(entriesMax: Int) { self.entriesMax = entriesMax }

    var count: Int { entries.count }

    mutating func plan(for key: Key) -> Plan {
        guard entriesMax > 0, key.text.utf8.count <= Self.textBytesMax else { return .unnamed }
        uses += 1
        guard let entry = entries[key] else {
            if entries.count >= entriesMax { evict() }
            entries[key] = Entry(name: nil, lastUse: uses)
            return .unnamed
        }
        let name = entry.name ?? "s\(uses)"
        entries[key] = Entry(name: name, lastUse: uses)
        return entry.name == nil ? .prepare(name) : .named(name)
    }

    /// Takes back a plan whose preparation failed.
    mutating func forget(_ key: Key) { entries[key] = nil }

    mutating func takeDiscarded() -> [String] {
        defer { discarded = [] }
        return discarded
    }

    private mutating func evict() {
        guard let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return }
        entries[oldest.key] = nil
        if let name = oldest.value.name { discarded.append(name) }
    }
}
