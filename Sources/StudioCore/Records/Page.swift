/// Some rows of a longer list, as a store answers them.
package struct Page<Item: Sendable>: Sendable {
    package let items: [Item]
    /// Whether rows follow the last of `items`.
    package let hasMore: Bool

    package init(items: [Item], hasMore: Bool) {
        self.items = items
        self.hasMore = hasMore
    }

    /// Makes a page from a query that asked for one row more than `limit`.
    package init(overfetched rows: [Item], limit: Int) {
        self.init(items: Array(rows.prefix(limit)), hasMore: rows.count > limit)
    }
}

extension Page: Equatable where Item: Equatable {}

/// Some rows of a longer list, as the API answers them.
package struct RecordList<Item: Codable & Sendable>: Codable, Sendable {
    package let data: [Item]
    /// Hand it back as `cursor` to read on; `nil` on the last page.
    package let nextCursor: String?

    package init(data: [Item], nextCursor: String? = nil) {
        self.data = data
        self.nextCursor = nextCursor
    }

    private enum CodingKeys: String, CodingKey {
        case data
        case nextCursor = "next_cursor"
    }
}
